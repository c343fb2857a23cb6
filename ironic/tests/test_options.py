import unittest

from oslo_config import cfg
from oslo_config import generator

from ironic_netprov import options


class OptionsTest(unittest.TestCase):
    def test_are_registered_twice_without_harm(self):
        conf = cfg.ConfigOpts()
        options.register(conf)
        options.register(conf)
        conf([])
        self.assertEqual(('cast', 540, 50), (conf.netprov.mode, conf.netprov.deadline, conf.netprov.api_deadline))

    def test_each_says_what_it_is_for(self):
        [(group, listed)] = options.list_opts()
        self.assertEqual('netprov', group)
        for option in listed:
            self.assertGreater(len(option.help), 20, option.name)

    def test_are_of_kinds_that_the_sample_file_can_have(self):
        for option in options.OPTIONS:
            generator._format_defaults(option)
