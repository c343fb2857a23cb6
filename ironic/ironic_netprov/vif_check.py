"""Whether a user may have a VIF: Neutron is asked with the user's own token.

Nodes have owners and lessees who may attach VIFs, and workers have one account that may do everything. So this is the
boundary between projects.
"""

from typing import Any

from ironic.common import exception
from ironic.common.i18n import _
from ironic.common import neutron
from openstack.connection import exceptions as sdk_exceptions
from oslo_utils import uuidutils


def before_attach(task: Any, vif: str) -> None:
    """Refuses a VIF that the user cannot see.

    :raises: NetworkError
    """
    try:
        neutron.get_client(context=task.context).get_port(vif)
    except sdk_exceptions.OpenStackCloudException as error:
        raise _unreadable(vif, error) from error


def before_detach(task: Any, vif: str) -> None:
    """Refuses a VIF that the user cannot see, unless Neutron has it no more.

    :raises: NetworkError
    """
    if not uuidutils.is_uuid_like(vif):
        return
    try:
        neutron.get_client(context=task.context).get_port(vif)
    except sdk_exceptions.ResourceNotFound as error:
        if not _is_gone(task, vif):
            raise _unreadable(vif, error) from error
    except sdk_exceptions.OpenStackCloudException as error:
        raise _unreadable(vif, error) from error


def _is_gone(task: Any, vif: str) -> bool:
    """Whether not even Ironic's own account sees it."""
    try:
        neutron.get_client(context=task.context, auth_from_config=True).get_port(vif)
    except sdk_exceptions.ResourceNotFound:
        return True
    except sdk_exceptions.OpenStackCloudException as error:
        raise _unreadable(vif, error) from error
    return False


def _unreadable(vif: str, error: Exception) -> Exception:
    return exception.NetworkError(
        _('The Neutron port %(vif)s cannot be read with the token of the request: %(error)s. It '
          'does not exist, or is of another project.') % {'vif': vif, 'error': error})
