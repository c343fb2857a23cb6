"""The options of ironic.conf, group ``[netprov]``."""

from typing import List, Tuple

from oslo_config import cfg

GROUP = 'netprov'

OPTIONS = [
    cfg.StrOpt(
        'topic',
        default='ironic.network_provider',
        help='Topic on which the workers take requests. It must equal the '
             'option rpc.topic of the workers. The queue of this conductor is '
             '<topic>.<host>, and results come back to <topic>_results.<host>.'),
    cfg.StrOpt(
        'network_provider',
        default='neutron',
        help='Provider with which the workers move the nodes: neutron, flat, '
             'none, or the name of a plug-in of the workers.'),
    cfg.StrOpt(
        'mode',
        default='cast',
        choices=[
            ('cast', 'The request waits in a durable queue, and the result is '
                     'a message of its own. It survives restarts of workers '
                     'and of RabbitMQ.'),
            ('call', 'An ordinary RPC call.'),
        ],
        help='How the conductor asks for changes, and asks questions such '
             'as validate.'),
    cfg.IntOpt(
        'deadline',
        default=540, min=1,
        help='Seconds to wait for a change during deployment, cleaning and '
             'the like. It must be longer than the retries of a worker, its '
             'last change and its wait for a binding together (300 s, 120 s '
             'and 60 s by default).'),
    cfg.IntOpt(
        'ask_after',
        default=60, min=1,
        help='Seconds to wait for the result of a cast before the worker is '
             'asked for it, again and again until the deadline: the message '
             'with the result may be lost, as when RabbitMQ restarts and the '
             'queue of results is not durable. A question, such as validate, '
             'is asked again as a call. Half of the deadline, where that is '
             'less.'),
    cfg.IntOpt(
        'api_deadline',
        default=50, min=1,
        help='Seconds to wait for what runs while a user waits for the API: '
             'validation, attaching and detaching VIFs, changes of ports. It '
             'must be shorter than rpc_response_timeout.'),
    cfg.BoolOpt(
        'check_vif',
        default=True,
        help='Whether to read a VIF with the token of the user before it is '
             'attached or detached, so that nobody attaches the Neutron port '
             'of another project. Turn it off only where VIFs are no Neutron '
             'ports.'),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Registers the options; doing it twice is harmless."""
    conf.register_opts(OPTIONS, group=GROUP)


def list_opts() -> List[Tuple[str, list]]:
    """The options for oslo.config's generator of sample files."""
    return [(GROUP, OPTIONS)]
