// A certified OpenID Connect provider (npm oidc-provider) over TLS on a free port, with one application and anybody's name as a login.
// The first argument says how; it ends when its input does.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { Provider } from 'oidc-provider';

const start = JSON.parse(process.argv[2]);
const server = https.createServer({ key: readFileSync(start.key), cert: readFileSync(start.cert) });

server.listen(start.port, '127.0.0.1', () => {
  const provider = new Provider(`https://localhost:${server.address().port}`, {
    clients: [{
      client_id: start.client,
      client_secret: start.secret,
      redirect_uris: [start.redirect],
      post_logout_redirect_uris: [start.signedOut],
      token_endpoint_auth_method: 'client_secret_post',
    }],
    claims: { openid: ['sub', 'tid', 'oid', 'roles'], profile: ['name'], email: ['email'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['a key of the tests'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id, tid: start.tenant, oid: `oid-${id}`, roles: start.roles, name: start.name, email: `${id}@example.org`,
      }),
    }),
  });
  server.on('request', provider.callback());
  console.log(JSON.stringify({ port: server.address().port }));
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
