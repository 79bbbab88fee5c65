// simple-oauth2 0.7.0: `accessToken.create` hands out one object for all users, so that two users who refresh their
// tokens at the same time get each other's; since 0.8.0 each has an object of his own.
//
// Run: frontrun node examples/packages/simple-oauth2.ts
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exploreDpor } from 'frontrun'
import fixedOauth2 from 'simple-oauth2-fixed'
import racyOauth2 from 'simple-oauth2-racy'

// The authorisation server: a refresh token is its user's name.
const server = createServer(async (request, response) => {
  const user = new URLSearchParams(await text(request)).get('refresh_token')
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ access_token: `access of ${user}`, refresh_token: user, expires_in: 3600 }))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

type Oauth2 = typeof racyOauth2

const refresh = (user: string) => async (state: { oauth2: ReturnType<Oauth2>; tokens: Record<string, string> }) => {
  const token = state.oauth2.accessToken.create({ access_token: '', refresh_token: user, expires_in: 0 })
  const fresh = await token.refresh()
  state.tokens[user] = fresh.token.access_token
}

function explore(oauth2: Oauth2) {
  return exploreDpor({
    setup: () => ({ oauth2: oauth2({ clientID: 'id', clientSecret: 'secret', site }), tokens: {} }),
    tasks: { alice: refresh('alice'), bob: refresh('bob') },
    invariant: ({ tokens }) => tokens.alice === 'access of alice' && tokens.bob === 'access of bob',
    tracePackages: ['simple-oauth2-racy', 'simple-oauth2-fixed'],
  })
}

const racy = await explore(racyOauth2)
console.log(`simple-oauth2 0.7.0\n\n${racy.explanation}`)

const fixed = await explore(fixedOauth2)
console.log(`simple-oauth2 0.8.0\n\n${fixed.explanation ?? `Holds in all ${fixed.numExplored} interleavings.`}`)

server.close()
server.closeAllConnections()
process.exitCode = !racy.propertyHolds && fixed.propertyHolds && fixed.exhaustive ? 0 : 1
