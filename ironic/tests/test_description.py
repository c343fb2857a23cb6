import json
import unittest

from ironic_netprov import description
from tests import fakes


class DescriptionTest(unittest.TestCase):
    def describe(self, *args, **kwargs):
        return description.describe_task(fakes.task(*args, **kwargs), 'neutron')

    def test_names_the_provider_and_not_the_interface(self):
        node = self.describe()['node']
        self.assertEqual('neutron', node['network_provider'])
        self.assertNotIn('network_interface', node)

    def test_sends_no_secret_and_no_configuration_drive(self):
        described = self.describe(
            [fakes.port(extra={'client-id': 'ff:00', 'note': 'hidden'},
                        internal_info={'cleaning_vif_port_id': 'hidden'})],
            driver_info={'ipmi_password': 'hidden', 'cleaning_network': 'c'},
            instance_info={'configdrive': 'hidden', 'rescue_password': 'hidden'})
        self.assertNotIn('hidden', json.dumps(described))
        self.assertEqual({'cleaning_network': 'c'}, described['node']['driver_info'])
        self.assertEqual({'client-id': 'ff:00'}, described['ports'][0]['extra'])

    def test_sends_no_boot_option_because_ironic_reads_none(self):
        for info in ({'capabilities': {'boot_option': 'netboot'}},
                     {'capabilities': '{"boot_option": "netboot"}'},
                     {'boot_option': 'netboot'}):
            with self.subTest(info):
                self.assertEqual({}, self.describe(instance_info=info)['node']['instance_info'])

    def test_says_that_there_is_no_vif(self):
        described = self.describe([fakes.port()], [fakes.portgroup()])
        self.assertEqual({'tenant_vif_port_id': None}, described['ports'][0]['internal_info'])
        self.assertEqual({'tenant_vif_port_id': None}, described['portgroups'][0]['internal_info'])

    def test_names_the_portgroup_of_a_port_by_uuid(self):
        described = self.describe([fakes.port(portgroup_id=7), fakes.port(uuid=fakes.OTHER)], [fakes.portgroup()])
        self.assertEqual([fakes.GROUP, None], [port['portgroup_uuid'] for port in described['ports']])

    def test_says_whether_the_node_boots_by_pxe(self):
        task = fakes.task()
        self.assertTrue(description.describe_task(task, 'neutron')['node']['pxe_boot'])
        task.driver.boot.capabilities = []
        self.assertFalse(description.describe_task(task, 'neutron')['node']['pxe_boot'])
