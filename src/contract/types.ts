import type { JsonObject } from '../json.js';
import type { google, ironic } from './generated/network_provider.js';
import type { NetworkType } from './methods.js';

export type { Json, JsonObject } from '../json.js';

/**
 * A generated message class as plain data, as it looks in JSON. Missing fields are null if protobuf calls them
 * optional, and empty arrays if they are repeated. A Struct is an ordinary object.
 */
type Plain<T> = T extends google.protobuf.Struct
  ? JsonObject
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [K in keyof T as K extends `$${string}` | `_${string}` | 'toJSON' ? never : K]: Plain<T[K]> }
      : T;

/** A node. Its network_provider also stands for the message's network_interface: readTask merges the two. */
export type Node = Omit<Plain<ironic.network_provider.v1.Node>, 'network_interface'>;
export type Task = Omit<Plain<ironic.network_provider.v1.Task>, 'node'> & { node: Node };
export type Port = Plain<ironic.network_provider.v1.Port>;
export type Portgroup = Plain<ironic.network_provider.v1.Portgroup>;
export type PortBinding = Plain<ironic.network_provider.v1.PortBinding>;
/** A port binding on record, with the network type for which it was made. */
export interface RecordedBinding extends PortBinding {
  network_type: NetworkType;
}
/** A failure or a warning. Most have no kind, and only their sentence tells them apart. */
export type BindingFailure = Omit<Plain<ironic.network_provider.v1.BindingFailure>, 'kind'> & { kind?: string };
export type Vif = Plain<ironic.network_provider.v1.Vif>;
export type VifInfo = Plain<ironic.network_provider.v1.VifInfo>;
export type DhcpOption = Plain<ironic.network_provider.v1.DhcpOption>;
export type Finding = Plain<ironic.network_provider.v1.Finding>;

type FullResult = Plain<ironic.network_provider.v1.OperationResult>;
/** The fields of a result that only some methods have. */
export type Answers = Partial<Pick<FullResult, 'vifs' | 'current_vif' | 'need_power_on' | 'network_data' | 'findings'>>;
export type OperationResult = Omit<FullResult, keyof Answers | 'failures' | 'warnings'> &
  Answers & { failures: BindingFailure[]; warnings: BindingFailure[] };
