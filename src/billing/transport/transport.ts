// How files go to a payer or clearing house, and how its answers come: a port.

export interface OutgoingFile {
  /** The same for the same interchange: sending it again replaces it. Letters, digits, `-`, `_` and `.`. */
  readonly name: string
  readonly bytes: Uint8Array
}

export interface IncomingFile {
  readonly name: string
  read(): Promise<Uint8Array>
  /** It has been read and what it says is stored. */
  done(): Promise<void>
  /** It cannot be read; `reason` quotes nothing of it. */
  failed(reason: string): Promise<void>
}

export interface Transport {
  /** Resolves once it is handed over for good. @throws FhirError `storage-failed` */
  send(file: OutgoingFile): Promise<void>
  /** What has come and is not yet done. */
  received(): Promise<readonly IncomingFile[]>
}
