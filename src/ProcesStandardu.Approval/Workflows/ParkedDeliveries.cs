using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>A delivery that was given up is an incident of its instance, so that whoever looks after it sees why it stands.</summary>
internal static class ParkedDeliveries
{
    /// <summary>The incident's code.</summary>
    public const string Code = "DeliveryIsParked";

    public static NpgsqlBatchCommand Incident(Guid deliveryId, DateTimeOffset now)
    {
        var command = new NpgsqlBatchCommand(
            """
            with parked as (
              select coalesce(k.instance_id, b.instance_id) as instance_id, b.activity_number, b.activity_id, b.activity_node_id, k.last_error
              from kept_delivery k left join workflow_bookmark b on b.id = k.bookmark_id where k.id = $1),
            noted as (
              insert into workflow_incident (
                id, instance_id, activity_number, activity_id, activity_node_id, activity_type, code, message, details, at)
              select uuidv7(), i.id, coalesce(p.activity_number, 0), coalesce(p.activity_id, ''), coalesce(p.activity_node_id, ''),
                coalesce((select e.activity_type from activity_execution e where e.instance_id = i.id and e.number = p.activity_number), ''),
                $2, split_part(coalesce(p.last_error, ''), E'\n', 1), p.last_error, $3
              from parked p join workflow_instance i on i.id = p.instance_id
              returning instance_id)
            update workflow_instance set incident_count = incident_count + 1 where id in (select instance_id from noted)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = deliveryId });
        command.Parameters.Add(new NpgsqlParameter { Value = Code });
        command.Parameters.Add(SqlValue.At(now));
        return command;
    }
}
