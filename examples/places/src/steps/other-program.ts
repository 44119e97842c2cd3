import { OWNER } from '../backends/supabase.ts'
import { assertThat } from '../compare.ts'
import { agreement } from '../scene.ts'
import { count, type Step } from './step.ts'

/** Another program writes plain SQL, which knows nothing of sync. */
export const otherProgram: Step = {
  title: 'Another program runs a plain SQL UPDATE, INSERT and DELETE',
  async run(scene) {
    const { a, b, backend, places, takeSpare } = scene
    const { sql } = backend
    if (sql === undefined) throw new Error(`${backend.title} has no SQL.`)
    const [victim] = places.slice(-1)
    const country = places[0]?.country
    const [added] = takeSpare(1)
    if (victim === undefined || added === undefined || country === undefined)
      throw new Error('There are too few places.')
    const updated = await sql(`update places set note = 'census' where country = $1 and id <> $2`, [
      country,
      victim.id,
    ])
    await sql(
      `insert into places (id, geoname, name, country, population, lat, lon, owner)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [added.id, added.geoname, added.name, added.country, added.population, added.lat, added.lon, OWNER],
    )
    await sql(`delete from places where id = $1`, [victim.id])

    for (const { name, app } of [a, b]) {
      await app.sync()
      const noted = (await app.inCountry(country)).filter(({ note }) => note === 'census')
      assertThat(noted.length === updated, `${noted.length} of ${updated} updated rows reached ${name}.`)
      assertThat(
        (await app.get(added.id)) !== undefined,
        `The inserted row ${added.id} did not reach ${name}.`,
      )
      assertThat(
        (await app.get(victim.id)) === undefined,
        `The deleted row ${victim.id} is still on ${name}.`,
      )
    }
    const digest = await agreement(scene)
    return `${count(updated)} updated, 1 inserted, 1 deleted on both devices, digest ${digest}`
  },
}
