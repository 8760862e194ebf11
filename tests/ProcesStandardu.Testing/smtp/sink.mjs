// A real SMTP server (npm smtp-server) that behaves as it is told and remembers what reached it.
// Each line on its input is a command in JSON, each line on its output the answer to one; it ends when its input ends.
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';

const start = JSON.parse(process.argv[2] ?? '{}');

// What is told to behave: each number is how many more times, -1 for always.
const behaviour = { busy: 0, greylist: 0, cutAfterDot: 0, resetAfterDot: 0, silentAfterDot: 0, refuseAfterDot: 0, refused: [], full: [] };
const mails = [];
let connections = 0;

function once(name) {
  if (behaviour[name] === 0) {
    return false;
  }
  if (behaviour[name] > 0) {
    behaviour[name]--;
  }
  return true;
}

function refusal(code, text) {
  return Object.assign(new Error(text), { responseCode: code });
}

const server = new SMTPServer({
  ...(start.key ? { key: readFileSync(start.key), cert: readFileSync(start.cert) } : { disabledCommands: ['STARTTLS'] }),
  ...(start.hideStartTls ? { hideSTARTTLS: true } : {}),
  authMethods: start.auth ? [start.auth] : ['PLAIN'],
  authOptional: !start.auth,
  disableReverseLookup: true,
  hideENHANCEDSTATUSCODES: true,
  logger: false,
  closeTimeout: 100,
  onConnect(session, done) {
    connections++;
    done(once('busy') ? refusal(421, 'Try later') : undefined);
  },
  onAuth(auth, session, done) {
    const fits = auth.username === start.user && auth.password === start.password;
    done(fits ? null : refusal(535, 'Wrong name or password'), fits ? { user: auth.username } : undefined);
  },
  onMailFrom(address, session, done) {
    done(start.key && !start.hideStartTls && !session.secure ? refusal(530, 'STARTTLS first') : undefined);
  },
  onRcptTo(address, session, done) {
    if (behaviour.refused.includes(address.address)) {
      return done(refusal(550, 'No such mailbox'));
    }
    if (behaviour.full.includes(address.address)) {
      return done(refusal(552, 'Too many at once'));
    }
    done(once('greylist') ? refusal(450, 'Come again in a while') : undefined);
  },
  onData(stream, session, done) {
    const pieces = [];
    stream.on('data', piece => pieces.push(piece));
    stream.on('end', () => {
      if (once('refuseAfterDot')) {
        return done(refusal(554, 'Content is not wanted'));
      }
      mails.push({
        from: session.envelope.mailFrom.address,
        recipients: session.envelope.rcptTo.map(recipient => recipient.address),
        secure: session.secure,
        user: session.user ?? null,
        bytes: Buffer.concat(pieces).toString('base64'),
      });
      const socket = () => [...server.connections].find(connection => connection.session.id === session.id)?._socket;
      if (once('cutAfterDot')) {
        return socket().destroy();
      }
      if (once('resetAfterDot')) {
        return (socket()._parent ?? socket()).resetAndDestroy();
      }
      if (!once('silentAfterDot')) {
        done();
      }
    });
  },
});

// A client that goes away in the middle is what some tests are about.
server.on('error', () => {});

const answer = value => process.stdout.write(JSON.stringify(value) + '\n');
server.listen(0, '127.0.0.1', () => answer({ port: server.server.address().port }));

createInterface({ input: process.stdin })
  .on('line', line => {
    const command = JSON.parse(line);
    if (command.behave) {
      Object.assign(behaviour, command.behave);
    }
    answer({ connections, mails: command.list ? mails : [] });
  })
  .on('close', () => process.exit(0));
