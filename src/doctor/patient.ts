import type { DataSource } from 'typeorm';

import type { Config } from '../config.js';
import type { ExchangeOptions, RpcConnectionOptions } from '../rpc/index.js';
import type { Findings } from './finding.js';

/** What is examined, and how it is reached. */
export interface Patient {
  config: Config;
  /** The exchanges, as conductors are said to declare them. */
  exchanges: Required<ExchangeOptions>;
  connection: RpcConnectionOptions;
  openDatabase: () => Promise<DataSource>;
  /** RabbitMQ's management API, with user and password; null: it is not asked. */
  managementUrl: URL | null;
  /** Most milliseconds that the checks of one subject take. */
  limit: number;
}

/** The checks of a subject. They add what they find, so that what was found before one fails or hangs is not lost. */
export type Check = (patient: Patient, findings: Findings, signal: AbortSignal) => Promise<void>;
