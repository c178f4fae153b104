"""Finds out what kind of file system a folder lies on."""

from __future__ import annotations

from pathlib import Path

# File systems whose files other machines can change: SQLite's write-ahead log needs memory that all
# its users share, which these cannot give.
_NETWORK = frozenset(
    "9p afpfs afs beegfs ceph cifs cvmfs efs fuse.ceph fuse.gcsfuse fuse.glusterfs fuse.goofys "
    "fuse.juicefs fuse.mount-s3 fuse.rclone fuse.s3fs fuse.sshfs gcsfuse glusterfs gpfs juicefs "
    "lustre macfuse ncpfs nfs nfs4 ocfs2 orangefs osxfuse panfs pvfs2 smb2 smb3 smbfs sshfs "
    "wekafs webdav".split()
)


def network_filesystem(folder: Path) -> str | None:
    """Return the name of the network file system that holds ``folder``, None for a local one."""
    kind = _kind(folder)
    if kind is None:
        return None
    name = kind.lower()
    return kind if name in _NETWORK or name.startswith("fuse.lustre") else None


def _kind(folder: Path) -> str | None:
    import psutil  # a C extension: only loaded when a store is opened

    resolved = folder.resolve()
    best: tuple[int, str] | None = None
    try:
        partitions = psutil.disk_partitions(all=True)
    except (OSError, psutil.Error):
        return None
    for partition in partitions:
        mount = Path(partition.mountpoint)
        # A later mount on the same point hides the earlier one, hence >=.
        if resolved.is_relative_to(mount) and (best is None or len(mount.parts) >= best[0]):
            best = (len(mount.parts), partition.fstype)
    return best[1] if best else None
