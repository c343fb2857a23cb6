import { MANAGEMENT_NETWORK_TYPES } from '../contract/methods.js';
import type { DoctorContext, Findings } from './finding.js';
import { HOST_RULES, PROVIDER_RULES, READ_RULES, SETTING_RULES } from './rules/config-rules.js';

/** Warns about settings that are valid but probably not intended. The configuration was validated before. */
export function checkConfig({ config }: DoctorContext, findings: Findings): Promise<void> {
  const networks = MANAGEMENT_NETWORK_TYPES.map((type) => `${type}_network` as const).filter(
    (option) => config[option] !== null,
  );
  findings.first(READ_RULES, null);
  findings.first(HOST_RULES, config);
  findings.first(PROVIDER_RULES, { provider: config.default_network_provider, networks });
  findings.every(SETTING_RULES, config);
  return Promise.resolve();
}
