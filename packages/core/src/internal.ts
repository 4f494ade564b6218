/*
 * What the packages of gradus share and users do not need. No promise is made about it: it changes in any version.
 */
export {
  anything,
  atLeast,
  describeValue,
  dtypeName,
  either,
  finite,
  flag,
  functionKind,
  integer,
  kind,
  listOf,
  nullable,
  oneOf,
  real,
  text,
  type Kind,
} from './base/kinds.ts'
export {
  defineOptions,
  nearest,
  takeArgument,
  takeOptions,
  withDefaults,
  type OptionTable,
} from './base/options.ts'
