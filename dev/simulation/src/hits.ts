/** Counts how often each fault took effect and each kind of step ran: what a campaign really met. */
export class Hits {
  readonly counts: Record<string, number> = {}

  hit(what: string, times = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + times
  }

  add(counts: Readonly<Record<string, number>>): void {
    for (const [what, times] of Object.entries(counts)) this.hit(what, times)
  }
}
