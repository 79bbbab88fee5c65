import { createServer } from 'node:http'

const entries = new Map()
const server = createServer((request, response) => {
  const key = request.url
  let body = ''
  request.on('data', chunk => {
    body += chunk
  })
  request.on('end', () => {
    if (request.method === 'PUT') entries.set(key, body)
    else if (request.method === 'DELETE' && key === '/') entries.clear()
    else if (request.method === 'DELETE') entries.delete(key)
    const value = entries.get(key)
    response.statusCode = request.method === 'GET' && value === undefined ? 404 : 200
    response.end(request.method === 'GET' ? (value ?? '') : '')
  })
})
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
