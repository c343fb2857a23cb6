import unittest

from ironic_netprov import vifs
from tests import fakes


class VifsTest(unittest.TestCase):
    def test_current_vif_is_that_of_the_network_the_node_is_on(self):
        info = {'tenant_vif_port_id': 't'}
        for network_type in ('servicing', 'inspection', 'rescuing', 'provisioning', 'cleaning'):
            info[f'{network_type}_vif_port_id'] = network_type
            self.assertEqual(network_type, vifs.current_vif(fakes.port(internal_info=info)))
        self.assertEqual('t', vifs.current_vif(fakes.port(internal_info={'tenant_vif_port_id': 't'})))
        self.assertIsNone(vifs.current_vif(fakes.port()))
        self.assertIsNone(vifs.current_vif(fakes.port(internal_info=None)))

    def test_notes_management_ports_and_deletes_the_notes_again(self):
        first = fakes.port()
        second = fakes.port(uuid=fakes.OTHER, internal_info={'cleaning_vif_port_id': 'old', 'x': 1})
        task = fakes.task([first, second])
        noted = vifs.note_management(task, 'cleaning', [{'port_uuid': fakes.PORT, 'neutron_port_id': 'new'}])
        self.assertEqual({fakes.PORT: 'new'}, noted)
        self.assertEqual([{'cleaning_vif_port_id': 'new'}], first.saved)
        self.assertEqual([{'x': 1}], second.saved)
        self.assertEqual({}, vifs.note_management(task, 'cleaning', []))
        self.assertEqual({}, first.internal_info)

    def test_replaces_internal_info_so_that_ironic_notices(self):
        port = fakes.port()
        before = port.internal_info
        vifs.note_management(fakes.task([port]), 'cleaning', [{'port_uuid': fakes.PORT, 'neutron_port_id': 'new'}])
        self.assertIsNot(before, port.internal_info)
        self.assertEqual({}, before)

    def test_saves_nothing_that_stays_as_it_was(self):
        port = fakes.port(internal_info={'cleaning_vif_port_id': 'same'})
        vifs.note_management(fakes.task([port]), 'cleaning', [{'port_uuid': fakes.PORT, 'neutron_port_id': 'same'}])
        vifs.note_tenant(fakes.task([port]), [])
        self.assertEqual([], port.saved)

    def test_removes_a_note_without_a_value(self):
        port = fakes.port(internal_info={'cleaning_vif_port_id': None})
        vifs.note_management(fakes.task([port]), 'cleaning', [])
        self.assertEqual([{}], port.saved)

    def test_notes_the_port_of_a_portgroup_on_the_member_that_boots(self):
        binding = {'portgroup_uuid': fakes.GROUP, 'neutron_port_id': 'new', 'mac_address': '52:54:00:00:00:99'}
        members = [fakes.port(portgroup_id=7, pxe_enabled=False),
                   fakes.port(uuid=fakes.OTHER, portgroup_id=7, address='52:54:00:00:00:02')]
        task = fakes.task(members, [fakes.portgroup()])
        self.assertEqual({fakes.OTHER: 'new'}, vifs.note_management(task, 'provisioning', [binding]))
        by_address = {**binding, 'mac_address': '52:54:00:00:00:01'}
        self.assertEqual({fakes.PORT: 'new'}, vifs.note_management(task, 'provisioning', [by_address]))

    def test_leaves_out_a_binding_of_a_port_that_the_node_has_no_more(self):
        task = fakes.task([fakes.port()])
        for binding in ({'port_uuid': fakes.OTHER}, {'portgroup_uuid': fakes.GROUP}):
            self.assertEqual({}, vifs.note_management(task, 'cleaning', [{**binding, 'neutron_port_id': 'new'}]))

    def test_notes_the_attached_vifs_alone(self):
        port, group = fakes.port(internal_info={'tenant_vif_port_id': 'old'}), fakes.portgroup()
        task = fakes.task([port], [group])
        vifs.note_tenant(task, [{'id': fakes.VIF, 'portgroup_uuid': fakes.GROUP}])
        self.assertEqual(({}, {'tenant_vif_port_id': fakes.VIF}), (port.internal_info, group.internal_info))
        self.assertEqual([{'id': fakes.VIF}], vifs.attached(task))
