"""For networking-baremetal after 6.0, which binds a port only if its switch is one of those that it configures itself.

This mechanism driver binds as it did until 6.0: a port of a live node, whatever switch it is cabled to.
"""

from networking_baremetal.plugins.ml2 import baremetal_mech
from neutron.db import provisioning_blocks
from neutron_lib.callbacks import resources
from neutron_lib.plugins.ml2 import api


class AnySwitch(baremetal_mech.BaremetalMechanismDriver):
    def try_to_bind_segment_for_agent(self, context, segment, agent):
        if super().try_to_bind_segment_for_agent(context, segment, agent):
            return True
        if not self.check_segment_for_agent(segment, agent):
            return False
        provisioning_blocks.add_provisioning_component(
            context._plugin_context, context.current[api.ID], resources.PORT, baremetal_mech.BAREMETAL_DRV_ENTITY
        )
        context.set_binding(
            segment[api.ID],
            self.get_vif_type(context, agent, segment),
            self.get_vif_details(context, agent, segment),
        )
        return True
