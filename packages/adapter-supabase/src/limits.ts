/** Documents and requests beyond these are refused before they are sent. */
export const MAX_DOCUMENT_BYTES = 1_000_000
export const MAX_BATCH_BYTES = 2_000_000
export const MAX_BATCH = 1_000
