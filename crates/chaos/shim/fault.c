/*
 * Stands between a program and the C library, and makes the calls go wrong that make something
 * durable (files) or visible to others (sockets). Loaded with LD_PRELOAD; the program is the very
 * one that ships, and knows nothing of it.
 *
 * Everything is steered through one file that the program maps and the test writes: the path is in
 * FAULT_CONTROL. So a fault is armed and taken away while the program runs, and what was
 * counted is read from outside, also after the program has died. `src/faults.rs` is the other end:
 * the fields and numbers here are repeated there.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { TRAIL = 1024, NOTE = 64 };

struct control {
    _Atomic uint64_t counted;   /* calls that matched since the fault was armed */
    _Atomic uint64_t strike_at; /* the first of them that goes wrong; 0: none does */
    _Atomic uint64_t strikes;   /* how many in a row go wrong */
    _Atomic uint64_t struck;    /* how many did */
    _Atomic uint32_t kinds;     /* which calls match: the bits below */
    _Atomic uint32_t action;    /* what happens to them: the numbers below */
    _Atomic int64_t clock_ms;   /* added to the time of day */
    _Atomic uint64_t images;    /* 1: after each sync, keep a copy of the file as it then was */
    char path[NOTE];            /* files match when their path holds this text */
    char trail[TRAIL][NOTE];    /* what the matching calls were, in their order */
};

enum { WRITE = 1, SYNC = 2, TRUNCATE = 4, SEND = 8 };
enum { DIE_BEFORE = 1, DIE_AFTER = 2, DIE_HALFWAY = 3, FAIL_EIO = 4, FAIL_ENOSPC = 5, HALF = 6 };

static struct control *control;

/* Not in a constructor: other libraries' constructors may call us before ours has run. */
#define REAL(name) \
    static __typeof__(&name) real; \
    if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void open_control(void) {
    const char *path = getenv("FAULT_CONTROL");
    if (path == NULL) return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) abort(); /* A test that believes in faults must not run without them. */
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED) abort();
    control = mapped;
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int path_of(int fd, char *path, size_t size) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

/* Whether a file is meant. Standard output and error go to a log, which promises nothing. */
static int is_our_file(int fd, char *path, size_t size) {
    struct stat about;
    if (fd <= 2 || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) return 0;
    return path_of(fd, path, size) && strstr(path, control->path) != NULL;
}

/* Whether somebody else is at the other end; 0 or the port of the peer. */
static int peer_port(int fd) {
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &length) != 0) return 0;
    return peer.sin_family == AF_INET ? ntohs(peer.sin_port) : 0;
}

/* The calls that say something to a peer also write to files; this tells the two apart. */
static uint32_t kind_of(int fd, uint32_t if_file, char *name, size_t size) {
    char path[512];
    if (is_our_file(fd, path, sizeof path)) {
        const char *slash = strrchr(path, '/');
        snprintf(name, size, "%.*s", (int)size - 1, slash == NULL ? path : slash + 1);
        return if_file;
    }
    int port = if_file == WRITE ? peer_port(fd) : 0;
    if (port == 0) return 0;
    snprintf(name, size, "port %d", port);
    return SEND;
}

static void take_note(uint64_t number, const char *call, const char *name, const char *said) {
    char *note = control->trail[(number - 1) % TRAIL];
    snprintf(note, NOTE, "%s %s", call, name);
    size_t length = strlen(note);
    for (int i = 0; said != NULL && i < 24 && length + 3 < NOTE; i++) {
        char c = said[i];
        if (c < ' ' || c > '~') break;
        if (i == 0) note[length++] = ' ';
        note[length++] = c;
        note[length] = 0;
    }
}

/* What is to happen to this call: an action, or 0 when it goes through. */
static uint32_t verdict(int fd, uint32_t if_file, const char *call, const void *bytes, size_t n) {
    if (control == NULL) return 0;
    uint32_t kinds = control->kinds;
    if (kinds == 0) return 0;
    int before = errno;
    char name[40] = "";
    uint32_t kind = kind_of(fd, if_file, name, sizeof name);
    errno = before;
    if ((kind & kinds) == 0) return 0;
    uint64_t number = atomic_fetch_add(&control->counted, 1) + 1;
    take_note(number, call, name, kind == SEND && n >= 24 ? bytes : NULL);
    uint64_t first = control->strike_at, strikes = control->strikes;
    if (first == 0 || number < first || number - first >= strikes) return 0;
    atomic_fetch_add(&control->struck, 1);
    uint32_t action = control->action;
    if (action == DIE_BEFORE) die();
    if (action == FAIL_EIO) errno = EIO;
    if (action == FAIL_ENOSPC) errno = ENOSPC;
    return action;
}

static int fails(uint32_t action) { return action == FAIL_EIO || action == FAIL_ENOSPC; }

static size_t part(uint32_t action, size_t n) {
    return (action == HALF || action == DIE_HALFWAY) && n > 1 ? n / 2 : n;
}

static void then(uint32_t action) {
    if (action == DIE_AFTER || action == DIE_HALFWAY) die();
}

ssize_t write(int fd, const void *bytes, size_t n) {
    REAL(write);
    uint32_t action = verdict(fd, WRITE, "write", bytes, n);
    if (fails(action)) return -1;
    ssize_t done = real(fd, bytes, part(action, n));
    then(action);
    return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    const struct iovec empty = {NULL, 0}, *first = count > 0 ? parts : &empty;
    uint32_t action = verdict(fd, WRITE, "writev", first->iov_base, first->iov_len);
    if (fails(action)) return -1;
    int is_part = part(action, 2) == 1 && count > 1;
    ssize_t done = real(fd, parts, is_part ? 1 : count);
    then(action);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
    REAL(pwrite);
    uint32_t action = verdict(fd, WRITE, "pwrite", bytes, n);
    if (fails(action)) return -1;
    ssize_t done = real(fd, bytes, part(action, n), at);
    then(action);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) {
    REAL(pwrite64);
    uint32_t action = verdict(fd, WRITE, "pwrite", bytes, n);
    if (fails(action)) return -1;
    ssize_t done = real(fd, bytes, part(action, n), at);
    then(action);
    return done;
}

int ftruncate(int fd, off_t length) {
    REAL(ftruncate);
    uint32_t action = verdict(fd, TRUNCATE, "ftruncate", NULL, 0);
    if (fails(action)) return -1;
    int done = real(fd, length);
    then(action);
    return done;
}

int ftruncate64(int fd, off64_t length) {
    REAL(ftruncate64);
    uint32_t action = verdict(fd, TRUNCATE, "ftruncate", NULL, 0);
    if (fails(action)) return -1;
    int done = real(fd, length);
    then(action);
    return done;
}

/*
 * What a power cut would leave of this file. `kill -9` leaves all that was written, synced or not;
 * a test that puts the images back sees what the disk alone had.
 */
static void keep_image(int fd) {
    char path[512], image[544], fresh[560];
    if (control == NULL || control->images == 0 || !is_our_file(fd, path, sizeof path)) return;
    snprintf(image, sizeof image, "%s.synced", path);
    snprintf(fresh, sizeof fresh, "%s.new", image);
    FILE *from = fopen(path, "rb"), *to = fopen(fresh, "wb");
    if (from == NULL || to == NULL) abort();
    char block[65536];
    for (size_t n; (n = fread(block, 1, sizeof block, from)) > 0;) fwrite(block, 1, n, to);
    fclose(from);
    if (fclose(to) != 0 || rename(fresh, image) != 0) abort();
}

int fsync(int fd) {
    REAL(fsync);
    uint32_t action = verdict(fd, SYNC, "fsync", NULL, 0);
    if (fails(action)) return -1;
    int done = real(fd);
    if (done == 0) keep_image(fd);
    then(action);
    return done;
}

int fdatasync(int fd) {
    REAL(fdatasync);
    uint32_t action = verdict(fd, SYNC, "fdatasync", NULL, 0);
    if (fails(action)) return -1;
    int done = real(fd);
    if (done == 0) keep_image(fd);
    then(action);
    return done;
}

ssize_t send(int fd, const void *bytes, size_t n, int flags) {
    REAL(send);
    uint32_t action = verdict(fd, WRITE, "send", bytes, n);
    if (fails(action)) return -1;
    ssize_t done = real(fd, bytes, part(action, n), flags);
    then(action);
    return done;
}

ssize_t sendto(int fd, const void *bytes, size_t n, int flags, const struct sockaddr *to,
               socklen_t to_length) {
    REAL(sendto);
    uint32_t action = verdict(fd, WRITE, "sendto", bytes, n);
    if (fails(action)) return -1;
    ssize_t done = real(fd, bytes, part(action, n), flags, to, to_length);
    then(action);
    return done;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    REAL(sendmsg);
    uint32_t action = verdict(fd, WRITE, "sendmsg", NULL, 0);
    if (fails(action)) return -1;
    ssize_t done = real(fd, message, flags);
    then(action);
    return done;
}

/* The time of day as a machine sees it whose clock is off. Timers run by the monotonic clock. */
int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    int done = real(clock, now);
    if (done != 0 || clock != CLOCK_REALTIME || control == NULL) return done;
    int64_t ms = control->clock_ms;
    now->tv_sec += ms / 1000;
    now->tv_nsec += ms % 1000 * 1000000;
    if (now->tv_nsec >= 1000000000) now->tv_sec++, now->tv_nsec -= 1000000000;
    if (now->tv_nsec < 0) now->tv_sec--, now->tv_nsec += 1000000000;
    return done;
}
