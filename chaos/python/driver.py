"""Casts with Python's own oslo.messaging, as ironic-conductor does.

    CHAOS_TRANSPORT_URL=rabbit://... driver.py ORDERS EXCHANGE TOPIC TOKEN BEGIN

ORDERS is a file with a JSON object a line: {requestId, node, host, at, method, args}. Each is cast `at` milliseconds
after BEGIN, a moment in milliseconds since the epoch, when the cast before it for the same node is accepted. Prints
{event, id, time} a line: "sent" before a cast, and "confirmed" when RabbitMQ has accepted it.

oslo.messaging publishes under confirms and by itself repeats what was not confirmed, so a cast that returns is accepted.
One that fails ends the driver: whether it was accepted, and so what must become of it, could not be told.
"""

import json
import logging
import os
import sys
import threading
import time

import oslo_messaging
from oslo_config import cfg

# Threads that cast. A node belongs to one of them, which keeps its order.
THREADS = 4

lock = threading.Lock()


def tell(event, request_id):
    line = json.dumps({'event': event, 'id': request_id, 'time': int(time.time() * 1000)})
    with lock:
        print(line, flush=True)


def cast_all(transport, orders, exchange, topic, token, begin):
    try:
        cast_in_order(transport, orders, exchange, topic, token, begin)
    except Exception:
        logging.exception('a cast failed')
        os._exit(1)


def cast_in_order(transport, orders, exchange, topic, token, begin):
    target = oslo_messaging.Target(exchange=exchange, topic=topic, version='1.1')
    client = oslo_messaging.get_rpc_client(transport, target)
    for order in orders:
        time.sleep(max(0, (begin + order['at']) / 1000 - time.time()))
        tell('sent', order['requestId'])
        context = {'request_id': order['requestId'], 'auth_token': token, 'is_admin': True}
        client.prepare(server=order['host']).cast(context, order['method'], **order['args'])
        tell('confirmed', order['requestId'])


def main(path, exchange, topic, token, begin):
    cfg.CONF([], project='chaos', default_config_files=[])
    transport = oslo_messaging.get_rpc_transport(cfg.CONF, url=os.environ['CHAOS_TRANSPORT_URL'])
    cfg.CONF.set_override('amqp_durable_queues', True, group='oslo_messaging_rabbit')
    cfg.CONF.set_override('heartbeat_timeout_threshold', 10, group='oslo_messaging_rabbit')
    with open(path) as lines:
        orders = [json.loads(line) for line in lines]
    nodes = sorted({order['node'] for order in orders})
    threads = []
    for number in range(THREADS):
        own = set(nodes[number::THREADS])
        part = [order for order in orders if order['node'] in own]
        threads.append(threading.Thread(
            target=cast_all, args=(transport, part, exchange, topic, token, int(begin))))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # An orderly end waits for oslo.messaging's polling threads.
    os._exit(0)


main(*sys.argv[1:])
