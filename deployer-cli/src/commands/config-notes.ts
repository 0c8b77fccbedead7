// What the help of `rackcast config render` says of each client: an example, and what surprises.

export const RTORRENT_NOTES = `
The directories have to be there. rtorrent -h tells its version, in the first
line.

Examples:
  rackcast config render rtorrent --directory /srv/payloads --listen-port 6890 \\
    --session-directory /var/lib/rtorrent \\
    --scgi-socket /run/rtorrent/rpc.sock -o rtorrent.rc
  rtorrent -n -o import=rtorrent.rc`;

export const TRANSMISSION_NOTES = `
For Transmission 3.00 and 4.x. Write it while Transmission is stopped: it writes
its settings back when it ends. How often it announces is the tracker's to say,
and never more often than every 5 minutes.

Examples:
  mkdir -p /var/lib/transmission
  rackcast config render transmission --directory /srv/payloads \\
    --listen-port 6890 --rpc-port 9091 -o /var/lib/transmission/settings.json
  transmission-daemon --foreground --config-dir /var/lib/transmission
  transmission-remote 127.0.0.1:9091 --add web-1.2.3.torrent`;

export const ARIA2_NOTES = `
For aria2 1.36 and later. With rpcSecret the file is written for its owner
alone. The first example is for one release, the second a service that torrents
are added to later.

Examples:
  rackcast config render aria2 --directory /srv/payloads --listen-port 6890 \\
    -o aria2.conf
  aria2c --conf-path=aria2.conf web-1.2.3.torrent

  touch /var/lib/aria2/aria2.session
  rackcast config render aria2 --directory /srv/payloads --listen-port 6890 \\
    --rpc-port 6800 --rpc-secret "$(openssl rand -hex 16)" \\
    --session-file /var/lib/aria2/aria2.session -o aria2.conf
  aria2c --conf-path=aria2.conf`;

export const QBITTORRENT_NOTES = `
For qbittorrent-nox 4.5 to 5.x. Write it while qBittorrent is stopped: it writes
its settings back when it ends. It has no setting for how often it announces
(libtorrent's min_announce_interval): after an answer it asks again in 5 minutes
at the soonest. Change the web interface's password before others can log in to
the host; before 4.6.1 it is adminadmin.

Examples:
  mkdir -p /var/lib/qbittorrent/qBittorrent/config
  rackcast config render qbittorrent --directory /srv/payloads \\
    --listen-port 6890 --web-port 8080 \\
    -o /var/lib/qbittorrent/qBittorrent/config/qBittorrent.conf
  qbittorrent-nox --profile=/var/lib/qbittorrent web-1.2.3.torrent`;

export const SYSTEMD_NOTES = `
The account and the directories have to be there, and be the account's. Put
rtorrent's session and socket, or aria2's session file (called aria2.session),
into the state directory; aria2 needs an rpcPort, or it ends at once.

Examples:
  rackcast config render systemd --client rtorrent \\
    --config-file /etc/rackcast/rtorrent.rc --directory /srv/payloads \\
    --state-directory /var/lib/rtorrent \\
    -o /etc/systemd/system/rackcast-rtorrent.service
  systemctl daemon-reload && systemctl enable --now rackcast-rtorrent`;
