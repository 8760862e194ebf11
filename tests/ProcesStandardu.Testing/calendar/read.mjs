// Reads a calendar file from standard input with ical.js and says what it found as one line of JSON: an independent reader.
import ICAL from 'ical.js';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const calendar = new ICAL.Component(ICAL.parse(Buffer.concat(chunks).toString('utf8')));
const zones = Object.fromEntries(calendar.getAllSubcomponents('vtimezone').map(zone => {
  const read = new ICAL.Timezone(zone);
  return [read.tzid, read];
}));
const events = calendar.getAllSubcomponents('vevent').map(part => {
  const event = new ICAL.Event(part);
  const zone = part.getFirstProperty('dtstart').getParameter('tzid');
  const start = event.startDate;
  start.zone = zones[zone];
  return {
    uid: event.uid,
    title: event.summary,
    zone,
    at: new Date(start.toUnixTime() * 1000).toISOString(),
    sequence: event.sequence,
    status: part.getFirstPropertyValue('status'),
  };
});
console.log(JSON.stringify({ method: calendar.getFirstPropertyValue('method'), zones: Object.keys(zones), events }));
