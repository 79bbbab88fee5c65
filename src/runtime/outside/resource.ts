/** Things of the outside world as locations: a file, an endpoint, a key of a store. */
import { type Key, type LocationTable, ObjectRecord, Shape } from '../identity.js'

/** How a location of a resource is called in explanations. */
export type NameOf = (key: Key) => string

/** One thing of the outside world. Its keys are the parts of it that commute with each other. */
export class Resource extends ObjectRecord {
  override shape = Shape.Outside
  constructor(
    id: string,
    table: LocationTable,
    readonly nameOf: NameOf,
  ) {
    super(`outside ${id}`, table)
  }
}

/** The resources of one exploration, by an id that is the same in every execution. */
export class Resources {
  private readonly known = new Map<string, Resource>()
  /** How things were at the start of the first execution, in a detector's words; outlives restarts of the exploration. */
  atStart = new Map<string, string>()
  constructor(private readonly locations: LocationTable) {}

  /** @param id says which thing it is, and what sort of thing: `file:/tmp/x`, `redis:127.0.0.1:6379/0` */
  get(id: string, nameOf: NameOf): Resource {
    let resource = this.known.get(id)
    if (resource === undefined) {
      resource = new Resource(id, this.locations, nameOf)
      this.known.set(id, resource)
    }
    return resource
  }
}
