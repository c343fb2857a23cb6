import './generated/network_provider.js';

import protobuf from 'protobufjs/light.js';

import { fromStruct, toStruct } from './struct.js';

// This must be set before the first use of the generated types, because protobufjs looks up wrappers only then.
protobuf.wrappers['.google.protobuf.Struct'] = { fromObject: toStruct, toObject: fromStruct };

/** The generated code adds its types to this root when it is loaded. */
const { default: root } = protobuf.roots as { default: protobuf.Root };
root.resolveAll();

const type = (name: string): protobuf.Type => root.lookupType(`ironic.network_provider.v1.${name}`).setup();

/** The message types of proto/network_provider.proto at run time. */
export const schema = {
  task: type('Task'),
  node: type('Node'),
  port: type('Port'),
  portgroup: type('Portgroup'),
  portBinding: type('PortBinding'),
  arguments: type('Arguments'),
  rpcRequest: type('RpcRequest'),
  rpcReply: type('RpcReply'),
} as const;
