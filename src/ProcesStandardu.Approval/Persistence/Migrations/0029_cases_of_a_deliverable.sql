-- The deliverable that an instance was started with, so that a document's page finds its cases by an index. A column that follows from
-- the state keeps its value while the state changes, which leaves updates of instances as cheap as they were; an index on the state would not.
alter table workflow_instance add column deliverable_key text generated always as (state #>> '{root,w,in,DeliverableKey}') stored;
create index workflow_instance_deliverable on workflow_instance (deliverable_key) where deliverable_key is not null;
