// Connections: so many in all, none taken up wholly by one address; and what waits on one that ends is given up.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { Shares } from '../store/index.ts'
import type { HttpExchange } from './exchange.ts'

export class Connections {
  readonly #places: Shares
  readonly #abandon: (exchange: HttpExchange) => void
  /** Requests that stand behind another of their connection: nothing else tells of their end. */
  readonly #behind = new WeakMap<Socket, Set<HttpExchange>>()
  readonly #unread = new WeakSet<Socket>()
  #refused = 0

  /** @param most connections; the last quarter is kept for addresses that hold few */
  constructor(most: number, abandon: (exchange: HttpExchange) => void) {
    this.#places = new Shares(most)
    this.#abandon = abandon
  }

  get open(): number {
    return this.#places.total
  }

  /** Ended at once, so far, because there were too many. */
  get refused(): number {
    return this.#refused
  }

  /** @param accepted called for each connection */
  watch(server: Server, accepted: () => void): void {
    server.on('connection', (socket: Socket) => {
      accepted()
      const address = socket.remoteAddress ?? ''
      if (!this.#places.take(address, 1)) {
        this.#refused++
        socket.destroy()
        return
      }
      socket.once('close', () => {
        this.#places.give(address, 1)
        for (const exchange of this.#behind.get(socket) ?? []) this.#abandon(exchange)
        this.#behind.delete(socket)
      })
    })
  }

  /** Whether it stands behind another of its connection; it is given up when the connection ends before its turn. */
  standBehind(exchange: HttpExchange): void {
    const { socket } = exchange.request
    const behind = this.#behind.get(socket)
    if (behind === undefined) this.#behind.set(socket, new Set([exchange]))
    else behind.add(exchange)
    exchange.response.once('socket', () => this.#behind.get(socket)?.delete(exchange))
  }

  /** Whether so many of its connection stand behind another already. */
  isTooFarAhead({ request }: HttpExchange, most: number): boolean {
    return (this.#behind.get(request.socket)?.size ?? 0) >= most
  }

  /** Nothing more is read of it or begun. Whether that was not so before. */
  leaveUnread({ socket }: HttpExchange['request']): boolean {
    if (this.#unread.has(socket)) return false
    this.#unread.add(socket)
    socket.pause()
    return true
  }
}
