"""Floods stamped frames out of every NIC of a network namespace, and counts those that come in.

Argument: JSON {station, nics: {nic: mac}, phase, period, addresses: [own], peers: [{name, mac, address}], tags: [VLAN]}.
Every frame carries WIRE|station|nic|phase|kind|. Kinds: plain, ping>PEER, and tagged, which has the VLAN tag of another.
Lines on standard input: the phase from now on. When standard input ends, the counts go to standard output, one JSON object
a line: what came in, by NIC, VLAN tag, sender, the sender's phase, the phase here, kind and quarter of a second.
"""
import json
import select
import socket
import struct
import sys
import time

PACKET_AUXDATA, SOL_PACKET, PACKET_STATISTICS, PACKET_OUTGOING = 8, 263, 6, 4
VLAN_VALID = 0x10
ETH_P_ALL, ETH_P_OURS = 3, 0x88B5
BROADCAST = b"\xff" * 6
BINS_A_SECOND = 4


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ether(to, source, kind, payload):
    return (to + source + struct.pack("!H", kind) + payload).ljust(60, b"\0")


def arp(source, own, peer, stamp):
    head = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
    question = source + socket.inet_aton(own) + b"\0" * 6 + socket.inet_aton(peer)
    return ether(BROADCAST, source, 0x0806, head + question + stamp)


def ipv4(to, source, protocol, own, peer, body):
    ends = socket.inet_aton(own) + socket.inet_aton(peer)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0) + ends
    return ether(to, source, 0x0800, head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body)


def ping(to, source, own, peer, stamp):
    stamp += b" " * (len(stamp) % 2)
    body = struct.pack("!BBHHH", 8, 0, 0, 0x5749, 1) + stamp
    return ipv4(to, source, 1, own, peer, body[:2] + struct.pack("!H", checksum(body)) + body[4:])


def dhcp_discover(source, stamp):
    return ipv4(BROADCAST, source, 17, "0.0.0.0", "255.255.255.255", struct.pack("!HHHH", 68, 67, 8 + len(stamp), 0) + stamp)


class Station:
    def __init__(self, plan):
        self.plan, self.phase = plan, plan["phase"]
        self.counts, self.sent = {}, {}
        self.sockets = {}
        for nic, address in plan["nics"].items():
            opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            opened.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)  # the VLAN tag that the kernel took off
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
            opened.bind((nic, 0))
            opened.setblocking(False)
            self.sockets[opened] = (nic, mac(address))

    def frames(self, nic, source):
        def stamp(kind):
            return f"WIRE|{self.plan['station']}|{nic}|{self.phase}|{kind}|".encode()

        yield "plain", ether(BROADCAST, source, ETH_P_OURS, stamp("plain"))
        if not self.plan["peers"]:
            return
        yield "plain", dhcp_discover(source, stamp("plain"))
        for peer in self.plan["peers"]:
            kind = "ping>" + peer["name"]
            own = next(a for a in self.plan["addresses"] if a.rsplit(".", 1)[0] == peer["address"].rsplit(".", 1)[0])
            yield "plain", arp(source, own, peer["address"], stamp("plain"))
            yield kind, ping(mac(peer["mac"]), source, own, peer["address"], stamp(kind))
        for vlan in self.plan["tags"]:
            frame = ether(BROADCAST, source, ETH_P_OURS, stamp("tagged"))
            yield "tagged", frame[:12] + struct.pack("!HH", 0x8100, vlan) + frame[12:]

    def flood(self):
        for opened, (nic, source) in self.sockets.items():
            for _, frame in self.frames(nic, source):
                try:
                    opened.send(frame)
                except OSError:
                    continue
                key = (nic, self.phase)
                self.sent[key] = self.sent.get(key, 0) + 1

    def receive(self, opened):
        for _ in range(200):
            try:
                data, extra, _, address = opened.recvmsg(2048, 128)
            except (BlockingIOError, InterruptedError):
                return
            if address[2] != PACKET_OUTGOING:
                self.count(self.sockets[opened][0], data, extra)

    def count(self, nic, data, extra):
        at = data.find(b"WIRE|")
        fields = data[at : at + 160].split(b"|") if at >= 0 else []
        if len(fields) < 6:
            return
        station, from_nic, phase, kind = (field.decode("ascii", "replace") for field in fields[1:5])
        # An answer to our own ping comes back with our stamp.
        reply = data[12:14] == b"\x08\x00" and data[23] == 1 and data[34] == 0
        if station == self.plan["station"] and not reply:
            return
        tag = 0
        for level, what, value in extra:
            if level == SOL_PACKET and what == PACKET_AUXDATA:
                status, _, _, _, _, tci, _ = struct.unpack("IIIHHHH", value[:20])
                tag = tci & 0xFFF if status & VLAN_VALID else 0
        if data[12:14] == b"\x81\x00":
            tag = struct.unpack("!H", data[14:16])[0] & 0xFFF
        now = time.time()
        key = (nic, tag, station, from_nic, phase, self.phase, kind, reply, int(now * BINS_A_SECOND))
        entry = self.counts.setdefault(key, [0, now, now])
        entry[0] += 1
        entry[2] = now

    def run(self):
        due, lines = time.time(), sys.stdin.buffer.raw
        while True:
            now = time.time()
            if now >= due:
                due = max(due + self.plan["period"], now)
                self.flood()
            ready, _, _ = select.select([*self.sockets, lines], [], [], max(0, due - time.time()))
            for one in ready:
                if one is not lines:
                    self.receive(one)
                    continue
                text = lines.read(1000)
                if not text:
                    return
                self.phase = text.decode().split("\n")[-2]

    def report(self):
        names = ("nic", "tag", "from", "from_nic", "sent_phase", "phase", "kind", "reply", "bin")
        for key, (number, first, last) in self.counts.items():
            arrived = dict(zip(names, key)) | {"at": self.plan["station"], "n": number, "first": first * 1000, "last": last * 1000}
            print(json.dumps({"arrived": arrived | {"bin": arrived["bin"] * 1000 // BINS_A_SECOND}}))
        for (nic, phase), number in self.sent.items():
            print(json.dumps({"sent": {"station": self.plan["station"], "nic": nic, "phase": phase, "n": number}}))
        dropped = sum(struct.unpack("II", opened.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1] for opened in self.sockets)
        print(json.dumps({"dropped": dropped}))


station = Station(json.loads(sys.argv[1]))
print(json.dumps({"ready": True}), flush=True)
station.run()
station.report()
