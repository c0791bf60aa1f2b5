/* Preloaded into a process: makes one of its writes to regular files fail, or all that need room from one on.

   fail_at(n, error, lasting): count from now on; the n-th write fails with this errno. If `lasting`, so does every later
   one that would make a file longer or create one, as on a full disk. fail_at(0, 0, 0) ends it. writes(): how many there
   were. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static long at, count;
static int with, is_lasting;

void fail_at(long n, int error, int lasting) { at = n; with = error; is_lasting = lasting; count = 0; }
long writes(void) { return count; }

static int is_file(int fd) { struct stat status; return !fstat(fd, &status) && S_ISREG(status.st_mode); }

static int fails(int needs_room) {
    if (!at) return 0;
    count++;
    if (count != at && !(is_lasting && count > at && needs_room)) return 0;
    if (is_lasting && !needs_room) { at++; return 0; } /* a full disk lets pass what needs no room */
    errno = with;
    return 1;
}

static int grows(int fd, off_t end) { struct stat status; return fstat(fd, &status) || end > status.st_size; }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) {
    if (at && is_file(fd) && fails((fcntl(fd, F_GETFL) & O_APPEND) || grows(fd, lseek(fd, 0, SEEK_CUR) + size))) return -1;
    return REAL(write)(fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
    if (at && is_file(fd) && fails(grows(fd, offset + size))) return -1;
    return REAL(pwrite)(fd, data, size, offset);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
    if (at && is_file(fd) && fails(grows(fd, offset + size))) return -1;
    return REAL(pwrite64)(fd, data, size, offset);
}
ssize_t sendfile64(int to, int from, off64_t *offset, size_t size) {
    ssize_t (*real)(int, int, off64_t *, size_t) = dlsym(RTLD_NEXT, "sendfile64");
    if (at && is_file(to) && fails(1)) return -1;
    return real(to, from, offset, size);
}
ssize_t sendfile(int to, int from, off_t *offset, size_t size) { return sendfile64(to, from, offset, size); }
int fsync(int fd) { return is_file(fd) && fails(0) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return is_file(fd) && fails(0) ? -1 : REAL(fdatasync)(fd); }
int ftruncate(int fd, off_t size) { return fails(grows(fd, size)) ? -1 : REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return fails(grows(fd, size)) ? -1 : REAL(ftruncate64)(fd, size); }
int mkdir(const char *path, mode_t mode) { return fails(1) ? -1 : REAL(mkdir)(path, mode); }
int rename(const char *from, const char *to) { return fails(0) ? -1 : REAL(rename)(from, to); }

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        if ((flags & O_CREAT) && access(path, F_OK) && fails(1)) return -1; \
        return REAL(name)(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
