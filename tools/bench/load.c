// SPDX-License-Identifier: GPL-2.0
/*
 * load WHAT [CALLS ROUNDS [PATH]]: does one thing CALLS times in each of ROUNDS
 * rounds, and prints how many ticks of the TSC a call took in the round that
 * took the least. Where an instruction takes a tick (scripts/vm --icount) that
 * is the number of instructions, with those of the loop.
 *
 * load longest PATH ROUNDS: reads a file to its end ROUNDS times, and prints how
 * many ticks the read(2) of it took that takes the most; of each read the round
 * in which it took the least counts.
 *
 * load lines PATH ROUNDS: reads a file ROUNDS times, each time between two marks
 * for the plugin lines.c.
 *
 * load write PATH TEXT, load insmod PATH, load rmmod NAME: does it once, and
 * prints the ticks that passed and the nanoseconds of CPU time it took.
 *
 * A static program: nothing is resolved, and no page comes in, while it counts.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define BUFFER (64 * 1024)
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static int file;
static int to_child[2], from_child[2];
static struct sockaddr_in server = { .sin_family = AF_INET };
static alignas(PAGE) char buffer[BUFFER];
static char *page;

static uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
}

/* What is done, and what has to be there for it. */

static void rename_task(void)
{
	prctl(PR_SET_NAME, "load");
}

static void get_break(void)
{
	syscall(SYS_brk, 0);
}

static void open_file(const char *path)
{
	file = open(path, O_RDONLY);
	if (file < 0)
		err(1, "%s", path);
}

/* A whole file, in as few reads as it takes. */
static void read_file(void)
{
	lseek(file, 0, SEEK_SET);
	while (read(file, buffer, BUFFER) > 0)
		;
}

static void open_disk(const char *path)
{
	file = open(path, O_RDONLY | O_DIRECT);
	if (file < 0)
		err(1, "%s", path);
}

static void read_disk(void)
{
	if (pread(file, buffer, PAGE, 0) != PAGE)
		err(1, "pread");
}

static void map_page(const char *path)
{
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		err(1, "mmap");
}

/* A page is allocated when it is written to, and freed when it is given back. */
static void fault_page(void)
{
	__atomic_store_n(page, 1, __ATOMIC_RELAXED);
	madvise(page, PAGE, MADV_DONTNEED);
}

/*
 * A child that answers each byte with a byte, until there are no more. Both are of the class that
 * runs first in, first out: for others the scheduler weighs how long each has run.
 */
static void start_child(const char *path)
{
	const struct sched_param lowest = { .sched_priority = 1 };
	char byte;

	if (pipe(to_child) || pipe(from_child))
		err(1, "pipe");
	if (sched_setscheduler(0, SCHED_FIFO, &lowest))
		err(1, "sched_setscheduler");
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		close(to_child[1]);
		while (read(to_child[0], &byte, 1) == 1 && write(from_child[1], &byte, 1) == 1)
			;
		_exit(0);
	}
}

/* Two switches: to the child, which waits for the byte, and back. */
static void ask_child(void)
{
	char byte = 0;

	if (write(to_child[1], &byte, 1) != 1 || read(from_child[0], &byte, 1) != 1)
		err(1, "pipe");
}

/* A socket that is connected to itself. */
static void open_socket(const char *path)
{
	struct sockaddr_in self = { .sin_family = AF_INET };
	socklen_t length = sizeof(self);

	self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	file = socket(AF_INET, SOCK_DGRAM, 0);
	if (file < 0 || bind(file, (struct sockaddr *)&self, length) ||
	    getsockname(file, (struct sockaddr *)&self, &length) ||
	    connect(file, (struct sockaddr *)&self, length))
		err(1, "socket");
}

/* The softirq net_rx takes it in between. */
static void send_datagram(void)
{
	char byte = 0;

	if (send(file, &byte, 1, 0) != 1 || recv(file, &byte, 1, 0) != 1)
		err(1, "datagram");
}

/* An exporter that listens on this port. */
static void find_server(const char *port)
{
	server.sin_port = htons(atoi(port));
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

/* Asks as Prometheus does, but for what Accept-Encoding says, and takes the whole answer. */
static void scrape(const char *request)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t length = strlen(request);
	ssize_t got;

	if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof(server)))
		err(1, "connect");
	if (write(fd, request, length) != (ssize_t)length)
		err(1, "ask");
	while ((got = read(fd, buffer, BUFFER)) > 0)
		;
	if (got < 0)
		err(1, "answer");
	close(fd);
}

#define REQUEST(headers)						\
	"GET /metrics HTTP/1.1\r\nHost: localhost\r\n"		\
	"Accept: application/openmetrics-text;version=1.0.0\r\n"	\
	headers "Connection: close\r\n\r\n"

static void scrape_plain(void)
{
	scrape(REQUEST(""));
}

static void scrape_gzip(void)
{
	scrape(REQUEST("Accept-Encoding: gzip\r\n"));
}

static const struct load {
	const char *name;
	void (*prepare)(const char *path);
	void (*call)(void);
} loads[] = {
	{ "rename", NULL, rename_task },
	{ "brk", NULL, get_break },
	{ "read", open_file, read_file },
	{ "direct", open_disk, read_disk },
	{ "page", map_page, fault_page },
	{ "switch", start_child, ask_child },
	{ "datagram", open_socket, send_datagram },
	{ "scrape", find_server, scrape_plain },
	{ "scrape_gzip", find_server, scrape_gzip },
};

static void repeat(const struct load *load, long calls, long rounds, const char *path)
{
	uint64_t least = UINT64_MAX;

	if (load->prepare)
		load->prepare(path);
	/* The first one brings in what the others find. */
	load->call();
	for (long round = 0; round < rounds; round++) {
		uint64_t start = ticks(), took;

		for (long i = 0; i < calls; i++)
			load->call();
		took = ticks() - start;
		if (took < least)
			least = took;
	}
	printf("%.4f\n", (double)least / calls);
}

static void longest_read(const char *path, long rounds)
{
	static uint64_t least[65536];
	uint64_t most = 0;
	size_t reads = 0;

	memset(least, 0xff, sizeof(least));
	open_file(path);
	for (long round = 0; round < rounds; round++) {
		lseek(file, 0, SEEK_SET);
		for (size_t i = 0; i < ARRAY_SIZE(least); i++) {
			uint64_t took = ticks();
			ssize_t got = read(file, buffer, BUFFER);

			took = ticks() - took;
			if (got <= 0)
				break;
			if (took < least[i])
				least[i] = took;
			if (i >= reads)
				reads = i + 1;
		}
	}
	for (size_t i = 0; i < reads; i++)
		if (least[i] > most)
			most = least[i];
	printf("%llu\n", (unsigned long long)most);
}

static void mark_reads(const char *path, long rounds)
{
	open_file(path);
	for (long round = 0; round < rounds; round++) {
		asm volatile("nopl 0x796c7401(%%rax)" ::: "memory");
		read_file();
		asm volatile("nopl 0x796c7402(%%rax)" ::: "memory");
	}
}

/* What is done once. */

static void write_text(const char *path, const char *text)
{
	size_t length = strlen(text);
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, length) != (ssize_t)length)
		err(1, "%s", path);
}

static void load_module(const char *path)
{
	if (syscall(SYS_finit_module, open(path, O_RDONLY), "", 0))
		err(1, "%s", path);
}

static void unload_module(const char *name)
{
	if (syscall(SYS_delete_module, name, O_NONBLOCK))
		err(1, "%s", name);
}

static uint64_t cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static int once(const char *what, const char *argument, const char *text)
{
	uint64_t cpu = cpu_time(), start = ticks();

	if (!strcmp(what, "write") && text)
		write_text(argument, text);
	else if (!strcmp(what, "insmod"))
		load_module(argument);
	else if (!strcmp(what, "rmmod"))
		unload_module(argument);
	else
		return 0;
	start = ticks() - start;
	printf("%llu %llu\n", (unsigned long long)start, (unsigned long long)(cpu_time() - cpu));
	return 1;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		errx(2, "see load.c");
	if (mlockall(MCL_CURRENT))
		err(1, "mlockall");
	if (once(argv[1], argv[2], argv[3]))
		return 0;
	if (argc > 3 && !strcmp(argv[1], "longest")) {
		longest_read(argv[2], atol(argv[3]));
		return 0;
	}
	if (argc > 3 && !strcmp(argv[1], "lines")) {
		mark_reads(argv[2], atol(argv[3]));
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
		if (argc > 3 && !strcmp(argv[1], loads[i].name)) {
			repeat(&loads[i], atol(argv[2]), atol(argv[3]), argv[4]);
			return 0;
		}
	}
	errx(2, "no load is called %s", argv[1]);
}
