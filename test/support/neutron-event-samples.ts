/**
 * Bodies that Neutron 21.0.0 posted to /v1/events, as they came: of a port that was bound, one that was unbound, and a
 * batch of two that were deleted, the first of which was not bound any more.
 */
export const BOUND =
  '{"events": [{"event": "network.bind_port", "port_id": "96620467-413d-4330-897b-3d56e3070443", "mac_address": "fa:16:3e:36:2d:f6", "status": "ACTIVE", "device_id": "e7b70221-5acc-48fb-aa1c-0db07ba8f905", "binding:host_id": "e7b70221-5acc-48fb-aa1c-0db07ba8f905", "binding:vnic_type": "baremetal"}]}';

export const UNBOUND =
  '{"events": [{"event": "network.unbind_port", "port_id": "96620467-413d-4330-897b-3d56e3070443", "mac_address": "fa:16:3e:36:2d:f6", "status": "DOWN", "device_id": "e7b70221-5acc-48fb-aa1c-0db07ba8f905", "binding:vnic_type": "baremetal"}]}';

export const DELETED =
  '{"events": [{"event": "network.delete_port", "port_id": "96620467-413d-4330-897b-3d56e3070443", "mac_address": "fa:16:3e:36:2d:f6", "status": "DELETED", "device_id": "e7b70221-5acc-48fb-aa1c-0db07ba8f905", "binding:vnic_type": "baremetal"}, {"event": "network.delete_port", "port_id": "a60be206-52b4-4429-92b4-8f21366059d2", "mac_address": "fa:16:3e:ff:27:f3", "status": "DELETED", "device_id": "e7b70221-5acc-48fb-aa1c-0db07ba8f905", "binding:host_id": "e7b70221-5acc-48fb-aa1c-0db07ba8f905", "binding:vnic_type": "baremetal"}]}';

/** The events of such a body. */
export function eventsIn(body: string): Record<string, unknown>[] {
  return (JSON.parse(body) as { events: Record<string, unknown>[] }).events;
}
