// Finds the port to listen on, before anything that must know the server's address is built.
import { createServer } from 'node:net'

/**
 * `wanted` when it can be listened on; a free one when `wanted` is 0; undefined when it is taken.
 * @throws Error with the system's code (EACCES, EADDRNOTAVAIL, ...) when the address itself cannot be listened on
 */
export function freePort(host: string, wanted: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    probe.listen(wanted, host, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : wanted))
    })
  })
}
