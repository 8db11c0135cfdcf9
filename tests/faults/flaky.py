"""A mount that shows another folder and fails as it is told: flaky.py SOURCE POINT CONTROL

CONTROL holds what is to fail, as `OPERATION ERROR FIRST` (`read EIO 2`: the second read and each later one); an empty
file, and nothing does. `short` in the place of an error lets a read end early, `hang` lets it wait, and then fail.
Only files whose path contains the fourth word, if there is one, are meant. What was hit is told in CONTROL.hit.
"""

import errno
import os
import sys
import time

from fusepy import FUSE, FuseOSError, Operations


class Flaky(Operations):
    use_ns = True

    def __init__(self, source, control):
        self.source, self.control = source, control
        self.order, self.seen = None, 0

    def real(self, path):
        return self.source + path

    def fault(self, operation, path):
        """The error that is meant, or None."""
        with open(self.control) as file:
            order = file.read()
        if order != self.order:
            self.order, self.seen = order, 0
        words = order.split()
        if not words or words[0] != operation or (len(words) > 3 and words[3] not in path):
            return None
        self.seen += 1
        if self.seen < int(words[2]):
            return None
        with open(self.control + ".hit", "a") as file:
            file.write(f"{operation} {path}\n")
        return words[1]

    def may_fail(self, operation, path):
        error = self.fault(operation, path)
        if error is not None:
            raise FuseOSError(getattr(errno, error))

    def __call__(self, operation, path, *arguments):
        try:
            return getattr(self, operation)(path, *arguments)
        except OSError as error:
            raise FuseOSError(error.errno or errno.EIO) from None

    def getattr(self, path, handle=None):
        self.may_fail("getattr", path)
        found = os.lstat(self.real(path))
        names = ("st_mode", "st_nlink", "st_uid", "st_gid", "st_size", "st_blocks", "st_ino")
        times = {f"st_{kind}time": getattr(found, f"st_{kind}time_ns") for kind in "acm"}
        return {name: getattr(found, name) for name in names} | times

    def readdir(self, path, handle):
        self.may_fail("readdir", path)
        return [".", "..", *os.listdir(self.real(path))]

    def statfs(self, path):
        found = os.statvfs(self.real(path))
        names = ("bavail", "bfree", "blocks", "bsize", "favail", "ffree", "files", "frsize", "namemax")
        return {f"f_{name}": getattr(found, f"f_{name}") for name in names}

    def open(self, path, flags):
        self.may_fail("open", path)
        return os.open(self.real(path), flags)

    def create(self, path, mode):
        self.may_fail("create", path)
        return os.open(self.real(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    def read(self, path, size, offset, handle):
        error = self.fault("read", path)
        if error == "hang":
            # Longer than the patience of who runs it. A kernel lets nobody die who waits for an answer.
            time.sleep(4)
            raise FuseOSError(errno.ESTALE)
        elif error == "short":
            return os.pread(handle, max(size // 2, 1), offset)[: max(0, 100 - offset)]
        elif error is not None:
            raise FuseOSError(getattr(errno, error))
        return os.pread(handle, size, offset)

    def write(self, path, data, offset, handle):
        self.may_fail("write", path)
        return os.pwrite(handle, data, offset)

    def truncate(self, path, length, handle=None):
        os.truncate(self.real(path), length)

    def flush(self, path, handle):
        self.may_fail("flush", path)

    def release(self, path, handle):
        os.close(handle)

    def fsync(self, path, datasync, handle):
        self.may_fail("fsync", path)
        os.fsync(handle)

    def fsyncdir(self, path, datasync, handle):
        self.may_fail("fsyncdir", path)

    def rename(self, old, new):
        self.may_fail("rename", old)
        os.rename(self.real(old), self.real(new))

    def link(self, target, source):
        os.link(self.real(source), self.real(target))

    def symlink(self, target, source):
        self.may_fail("symlink", target)
        os.symlink(source, self.real(target))

    def readlink(self, path):
        return os.readlink(self.real(path))

    def unlink(self, path):
        os.unlink(self.real(path))

    def mkdir(self, path, mode):
        os.mkdir(self.real(path), mode)

    def rmdir(self, path):
        os.rmdir(self.real(path))

    def chmod(self, path, mode):
        os.chmod(self.real(path), mode)

    def chown(self, path, uid, gid):
        os.chown(self.real(path), uid, gid, follow_symlinks=False)

    def utimens(self, path, times=None):
        os.utime(self.real(path), ns=times, follow_symlinks=False)


if __name__ == "__main__":
    source, point, control = sys.argv[1:]
    FUSE(
        Flaky(source, control),
        point,
        foreground=True,
        use_ino=True,
        direct_io=True,
        attr_timeout=0,
        entry_timeout=0,
        ac_attr_timeout=0,
        fsname="flaky",
    )
