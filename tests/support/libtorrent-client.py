# A libtorrent-rasterbar client on one torrent, with peers from its tracker alone; says on its output what the tracker says.
# Takes one argument, JSON: listen ("address:port", several separated by commas), torrent, payloads. Ends with its parent.
import json
import os
import sys

import libtorrent

start = json.loads(sys.argv[1])
parent = os.getppid()
session = libtorrent.session({
    "listen_interfaces": start["listen"],
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_incoming_utp": False,
    "enable_outgoing_utp": False,
    # Several clients of the tests are at the same loopback address.
    "allow_multiple_connections_per_ip": True,
    "close_redundant_connections": False,
    "min_announce_interval": 5,
    "announce_to_all_tiers": True,
    "announce_to_all_trackers": True,
    "unchoke_slots_limit": -1,
    "alert_mask": libtorrent.alert.category_t.error_notification
    | libtorrent.alert.category_t.tracker_notification
    | libtorrent.alert.category_t.status_notification
    | libtorrent.alert.category_t.connect_notification,
})
torrent = libtorrent.add_torrent_params()
torrent.ti = libtorrent.torrent_info(start["torrent"])
torrent.save_path = start["payloads"]
torrent.flags &= ~libtorrent.torrent_flags.auto_managed
torrent.flags &= ~libtorrent.torrent_flags.paused
session.add_torrent(torrent)
while os.getppid() == parent:
    session.wait_for_alert(500)
    for alert in session.pop_alerts():
        print(alert.message(), flush=True)
