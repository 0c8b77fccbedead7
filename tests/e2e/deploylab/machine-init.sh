#!/bin/sh
# First process of a machine of the deploylab, in namespaces of its own: puts a private disk over this machine's files and serves ssh.
# Arguments: the folder to work in (its disk is mounted there), the disk's size, the host's name, the folder of its /etc/ssh, and the
# disk that it starts from, as another machine's was kept; or nothing for an empty one.
set -eu
base=$1 disk_size=$2 name=$3 ssh_folder=$4 image=${5-}

mount --make-rprivate /
mount -t tmpfs -o "size=$disk_size,mode=755" disk "$base"
mkdir "$base/upper" "$base/work" "$base/root"
[ -z "$image" ] || cp --archive "$image/." "$base/upper"
mount -t overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" overlay "$base/root"

cd "$base/root"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs -o mode=755 run run
mount -t tmpfs tmp tmp
mkdir -p run/lock run/sshd .disk
mount --bind "$base" .disk
cp "$ssh_folder"/* etc/ssh/
# Where systemd is installed but does not run, Ansible takes this link for a machine that systemd manages.
rm -f sbin/init
pivot_root . mnt
umount -l /mnt

hostname "$name"
/usr/sbin/sshd -D -e &
for service in /etc/rc2.d/S*rackcast*; do
  [ ! -x "$service" ] || "$service" start
done
# Also reaps what services leave behind; comes back only when there is nothing more to wait for.
wait
