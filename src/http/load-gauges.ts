// What /metrics says of how much there is to do, and of what was refused or cut off because it was too much.
import type { Connections } from './connections.ts'
import type { LargeBodies } from './large-bodies.ts'
import type { Gauge } from './metrics.ts'
import type { Room } from './room.ts'
import type { Turns } from './turns.ts'
import type { Watch } from './watch.ts'

interface Load {
  readonly room: Room
  readonly turns: Turns
  readonly largeBodies: LargeBodies
  readonly watch: Watch
  readonly connections: Connections
}

export function loadGauges({ room, turns, largeBodies, watch, connections }: Load): readonly Gauge[] {
  return [
    { name: 'alcove_http_in_flight', help: 'FHIR requests at work now.', value: room.inFlight },
    { name: 'alcove_http_body_bytes_in_flight', help: 'Bytes of their bodies.', value: room.bodyBytes },
    {
      name: 'alcove_http_waiting',
      help: 'Of them, those that wait for their turn.',
      value: turns.waiting + largeBodies.waiting,
    },
    {
      name: 'alcove_http_large_body_bytes',
      help: 'Bytes of the large bodies that are worked on.',
      value: largeBodies.atWork,
    },
    {
      name: 'alcove_http_unsent_bytes',
      help: 'Bytes of answers that clients have not taken yet.',
      value: watch.unsentBytes,
    },
    { name: 'alcove_http_connections', help: 'Open connections.', value: connections.open },
    {
      name: 'alcove_http_refused_total',
      help: 'Requests answered 503 for want of room.',
      kind: 'counter',
      value: room.refused,
    },
    {
      name: 'alcove_http_connections_refused_total',
      help: 'Connections ended at once because there were too many.',
      kind: 'counter',
      value: connections.refused,
    },
    {
      name: 'alcove_http_late_total',
      help: 'Requests answered 503 because they were not done in time.',
      kind: 'counter',
      value: watch.late,
    },
    {
      name: 'alcove_http_slow_clients_total',
      help: 'Connections cut because their clients did not take their answers.',
      kind: 'counter',
      value: watch.slowCut,
    },
  ]
}
