"""An oslo.messaging RPC server that does the same job as the netprov worker, as an OpenStack service would do it:
oslo.messaging for the messages, SQLAlchemy for the database, one transaction for each message.

    NETPROV_TRANSPORT_URL=rabbit://... NETPROV_DATABASE_CONNECTION=mysql://... job_server.py TOPIC HOST casts|calls

Makes its tables, declares its queues and disconnects, and prints {"declared": true}. After a line on standard input it
serves them, until its standard input ends.

For each message it looks up the operation by its id, and answers a repeat with the stored result. Otherwise it records
the node and the operation with its result, and commits. Then it answers a call, or casts the result to the host's queue
of results; oslo.messaging waits until RabbitMQ has confirmed that. oslo.messaging acknowledges an RPC message before
the method runs, and does not show the message's own id to the method, so the id of the request stands for it.
"""

import datetime
import os
import sys

import oslo_messaging
import sqlalchemy
from serving import open_transport, result_of, say, serve, stop
from sqlalchemy import orm
from sqlalchemy.dialects import mysql

# A connection to each server for each of the 64 threads of oslo.messaging's executor (executor_thread_pool_size).
CONNECTIONS = 64

Base = orm.declarative_base()


class Node(Base):
    __tablename__ = 'nodes'
    uuid = sqlalchemy.Column(sqlalchemy.String(36), primary_key=True)
    name = sqlalchemy.Column(sqlalchemy.String(255))
    network_provider = sqlalchemy.Column(sqlalchemy.String(255))
    instance_uuid = sqlalchemy.Column(sqlalchemy.String(36))
    driver_info = sqlalchemy.Column(sqlalchemy.JSON)
    instance_info = sqlalchemy.Column(sqlalchemy.JSON)
    ports = sqlalchemy.Column(sqlalchemy.JSON)


class Operation(Base):
    __tablename__ = 'operations'
    id = sqlalchemy.Column(sqlalchemy.String(64), primary_key=True)
    node_uuid = sqlalchemy.Column(sqlalchemy.String(36), index=True)
    method = sqlalchemy.Column(sqlalchemy.String(64))
    status = sqlalchemy.Column(sqlalchemy.String(16))
    started_at = sqlalchemy.Column(mysql.DATETIME(fsp=6), index=True)
    finished_at = sqlalchemy.Column(mysql.DATETIME(fsp=6))
    result = sqlalchemy.Column(sqlalchemy.JSON)


class CallEndpoint:
    target = oslo_messaging.Target(version='1.0')

    def __init__(self, engine):
        self.session = orm.sessionmaker(engine, expire_on_commit=False)

    def add_provisioning_network(self, context, task):
        return self._record('add_provisioning_network', context['request_id'], task)

    def _record(self, method, operation_id, task):
        started_at = datetime.datetime.utcnow()
        node = task['node']
        with self.session.begin() as session:
            operation = session.get(Operation, operation_id)
            if operation is not None:
                return operation.result
            # The session writes what differs from the row.
            session.merge(Node(
                uuid=node['uuid'], name=node['name'], network_provider=node['network_provider'],
                instance_uuid=node['instance_uuid'], driver_info=node['driver_info'],
                instance_info=node['instance_info'], ports=task['ports']))
            result = result_of(method, operation_id, node)
            session.add(Operation(
                id=operation_id, node_uuid=node['uuid'], method=method, status='succeeded', result=result,
                started_at=started_at, finished_at=datetime.datetime.utcnow()))
        return result


class CastEndpoint(CallEndpoint):
    def __init__(self, engine, results):
        super().__init__(engine)
        self.results = results

    def add_provisioning_network(self, context, task):
        result = super().add_provisioning_network(context, task)
        self.results.cast({'request_id': context['request_id']}, 'port_binding_result', result=result)


def main(topic, host, kind):
    url = os.environ['NETPROV_DATABASE_CONNECTION'].replace('mysql://', 'mysql+pymysql://')
    engine = sqlalchemy.create_engine(url, pool_size=CONNECTIONS)
    Base.metadata.create_all(engine)
    transport = open_transport(f'?rpc_conn_pool_size={CONNECTIONS}')
    if kind == 'calls':
        endpoint = CallEndpoint(engine)
    else:
        results = oslo_messaging.Target(topic=f'{topic}_results', server=host, version='1.0')
        endpoint = CastEndpoint(engine, oslo_messaging.RPCClient(transport, results))
    stop(serve(transport, topic, host, endpoint))
    say(declared=True)

    sys.stdin.readline()
    server = serve(transport, topic, host, endpoint)
    sys.stdin.read()
    stop(server)


main(*sys.argv[1:])
