import type { components } from './generated.js';

type Schemas = components['schemas'];

export type Session = Schemas['Session'];
export type Whereabouts = Schemas['Whereabouts'];
export type WhereaboutsPage = Schemas['WhereaboutsList'];
export type OperationSummary = Schemas['OperationSummary'];
export type Operation = Schemas['Operation'];
export type Node = Schemas['Node'];
export type Port = Schemas['Port'];
export type Portgroup = Schemas['Portgroup'];
export type NodeNetwork = Schemas['NodeNetwork'];
export type Binding = Schemas['Binding'];
export type NetworkType = Binding['network_type'];

export type Health = Schemas['Health'];
export type HealthFinding = Health['findings'][number];
export type Workers = Schemas['Workers'];
export type Worker = Workers['workers'][number];
export type Queues = Schemas['Queues'];
export type NetworkPage = Schemas['NetworkList'];
export type OperationSeries = Schemas['OperationSeries'];
export type DeadLetter = Schemas['DeadLetter'];
export type DeadLetterDetail = Schemas['DeadLetterDetail'];
export type DeadLettersChanged = Schemas['DeadLettersChanged'];
export type Action = Schemas['Action'];
export type NodeInNeutron = Schemas['NodeInNeutron'];
