// The step programs that search expressions are compiled to: what of a resource a parameter is about.

/** One step from the values at hand to the next. */
export type Step =
  /** Back to the resource, `%resource`; only first, and only in a component of a composite. */
  | readonly ['root']
  /** Child elements, named without `[x]`. */
  | readonly ['child', name: string]
  /** The nth (from 0) of the values so far; only behind a child of the resource itself. */
  | readonly ['index', position: number]
  /** Only the values of this type: `as`, `as()` and `ofType()`. */
  | readonly ['type', type: string]
  /** Only references to this resource type: `where(resolve() is Patient)`. */
  | readonly ['resolves', type: string]
  /** Only values with this child: `where(system='email')`. */
  | readonly ['equals', child: string, value: string]
  /** One boolean in place of the values: whether any is there and it is not `false`. */
  | readonly ['present']

/** Steps from the resource to the values; several branches are a union. */
export type Program = readonly (readonly Step[])[]
