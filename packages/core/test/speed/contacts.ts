export interface Contact {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly age: number
  readonly tags: readonly string[]
  readonly address: { readonly street: string; readonly city: string; readonly zip: string }
  readonly notes: string
}

const FIRST = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Frances', 'John', 'Radia', 'Ken']
const LAST = ['Lovelace', 'Hopper', 'Turing', 'Dijkstra', 'Liskov', 'Knuth', 'Allen', 'Backus', 'Perlman']

/** The same contact for the same number: about 300 bytes of JSON. */
export function contact(n: number): Contact {
  const mixed = Math.imul(n + 1, 2654435761) >>> 0
  return {
    id: `c${mixed.toString(36).padStart(7, '0')}`,
    name: `${FIRST[mixed % 10]} ${LAST[(mixed >>> 5) % 9]} ${(mixed >>> 3) % 100_000}`,
    email: `person.${n}@mail.example.org`,
    phone: `+47 ${10_000_000 + (mixed % 89_999_999)}`,
    age: mixed % 90,
    tags: mixed % 3 === 0 ? ['vip', 'lead'] : mixed % 3 === 1 ? ['lead'] : ['customer', `t${mixed % 50}`],
    address: { street: `Main street ${mixed % 200}`, city: `City ${mixed % 500}`, zip: `${mixed % 9999}` },
    notes: 'Met at the fair, asked for the price list and for a second visit in spring.',
  }
}

export function perSecond(label: string, rounds: number, run: (i: number) => unknown): void {
  let kept: unknown
  for (let i = 0; i < Math.min(rounds, 2000); i++) kept = run(i)
  const times: number[] = []
  for (let repeat = 0; repeat < 3; repeat++) {
    const from = performance.now()
    for (let i = 0; i < rounds; i++) kept = run(i)
    times.push((performance.now() - from) / rounds)
  }
  const median = times.sort((a, b) => a - b)[1] ?? Number.NaN
  const rate = Math.round(1000 / median).toLocaleString('en')
  console.log(
    `${label.padEnd(64)} ${rate.padStart(12)}/s  ${(median * 1000).toFixed(2).padStart(10)} us${kept === label ? '!' : ''}`,
  )
}
