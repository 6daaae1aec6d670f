/*
 * The load generator: says "ready PORT" on stdout, then takes commands on stdin and answers each with a line of JSON.
 *
 *   loop PORT WINDOW SECONDS COUNT OFFSET FILE   a closed loop: WINDOW datagrams on their way to an echo all the time
 *   pace PORT RATE SECONDS OFFSET FILE           an open loop: RATE datagrams a second, whatever becomes of them
 *   answers PORT RATE SECONDS OFFSET FILE        the same, and how long each took to come back
 *   links PORT...                                the next commands with the port 0 send to these in turn
 *
 * All goes to PORT of this machine. FILE is the datagram to send; at OFFSET it has a varint of five bytes, which is set
 * to the number of the datagram. An echo is known again by it, even one that was written anew and has it elsewhere; its
 * round trip is timed, and what does not come back within a tenth of a second is counted as lost and replaced. The loop ends after SECONDS, or COUNT echoes if it is not 0.
 *
 * Between its datagrams, a load of RATE a second looks at the clock and at its socket without a pause: it needs a core of
 * its own. "held" counts the times that it did not have one for a millisecond, from when nothing was sent.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

enum {
	buffer_length = 65536,
	/* How many of the last numbers are remembered: more than any window. */
	places = 4096,
	/* How many ports it sends to in turn, at most. */
	most_links = 64,
	/* How far into an echo its number may stand. */
	head_length = 64,
	/* How many round trips are kept, evenly spread over the run. */
	kept = 1 << 20,
};

/* The first number whose varint takes five bytes. */
static const uint64_t first_number = 1 << 28;
static const uint64_t patience = 100000000;

static int sock;
static struct sockaddr_in target = {.sin_family = AF_INET};
/* Where to send in turn instead, if there are any. */
static struct sockaddr_in links[most_links];
static int link_count;
static uint8_t payload[buffer_length];
static size_t payload_length, number_offset;
static uint64_t number = first_number;
static uint64_t sent_at[places];
static uint32_t round_trips[kept];

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void set_number(uint64_t value)
{
	for (int i = 0; i < 4; i++, value >>= 7)
		payload[number_offset + i] = value & 0x7f | 0x80;
	payload[number_offset + 4] = value;
}

static uint64_t read_number(const uint8_t *bytes)
{
	uint64_t value = 0;
	for (int i = 0; i < 5; i++)
		value |= (uint64_t)(bytes[i] & 0x7f) << 7 * i;
	return value;
}

/* The number of an echo; 0 where it has none. Who writes it anew leaves its tag, but perhaps not its place. */
static uint64_t get_number(const uint8_t *datagram, ssize_t length)
{
	const uint8_t tag = payload[number_offset - 1];

	if (length == (ssize_t)payload_length)
		return read_number(datagram + number_offset);
	for (ssize_t i = 0; i + 6 <= length && i < head_length; i++) {
		const uint8_t *bytes = datagram + i + 1;
		if (datagram[i] == tag && (bytes[0] & bytes[1] & bytes[2] & bytes[3] & 0x80) && bytes[4] == 1)
			return read_number(bytes);
	}
	return 0;
}

static void read_payload(const char *path, size_t offset)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		fail(path);
	payload_length = fread(payload, 1, buffer_length, file);
	number_offset = offset;
	fclose(file);
}

/* Sends the next datagram; whether the system took it. A refused one (nobody listens) is lost like any other. */
static int send_next(uint64_t time)
{
	const struct sockaddr_in *to = link_count ? &links[number % link_count] : &target;

	set_number(number);
	sent_at[number % places] = time;
	number++;
	return sendto(sock, payload, payload_length, 0, (const struct sockaddr *)to, sizeof *to) >= 0;
}

static int compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

static void run_loop(int window, double seconds, uint64_t count)
{
	static uint8_t buffer[buffer_length];
	uint64_t begin = now(), end = begin + (uint64_t)(seconds * 1e9), time = begin;
	uint64_t echoes = 0, lost = 0, last = end;
	int flying = 0;

	memset(sent_at, 0, sizeof sent_at);
	for (; flying < window; flying++)
		send_next(time);
	while (flying > 0) {
		ssize_t length = recv(sock, buffer, sizeof buffer, 0);
		int over;

		time = now();
		over = time >= end || count && echoes >= count;
		if (length > 0) {
			uint64_t echoed = get_number(buffer, length);
			uint64_t *sent = &sent_at[echoed % places];
			/* Others are duplicates, or came after they had been given up. */
			if (echoed < number && number - echoed <= places && *sent) {
				if (!over) {
					round_trips[echoes % kept] = time - *sent;
					echoes++;
					if (echoes == count)
						last = time;
				}
				*sent = 0;
				flying--;
			}
		} else if (length < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != ECONNREFUSED) {
			fail("recv");
		}
		/* Seldom: what has been on its way for too long does not come any more. */
		if (length < 0 || (number & 1023) == 0) {
			for (int i = 0; i < places; i++) {
				if (sent_at[i] && time - sent_at[i] > patience) {
					sent_at[i] = 0;
					flying--;
					lost++;
				}
			}
		}
		if (over && length < 0)
			break;
		for (; !over && flying < window; flying++)
			send_next(time);
	}
	size_t timed = echoes < kept ? echoes : kept;
	qsort(round_trips, timed, sizeof *round_trips, compare);
	printf("{\"echoes\": %llu, \"lost\": %llu, \"seconds\": %.6f, \"p50\": %.3f, \"p99\": %.3f}\n",
	       (unsigned long long)echoes, (unsigned long long)lost, (last - begin) / 1e9,
	       timed ? round_trips[timed / 2] / 1e3 : 0, timed ? round_trips[timed * 99 / 100] / 1e3 : 0);
}

static void run_pace(double rate, double seconds)
{
	const double late = 1e6;
	uint64_t count = (uint64_t)(rate * seconds), sent = 0;
	double step = 1e9 / rate, due, begin = now();

	due = begin;
	for (uint64_t i = 0; i < count; i++, due += step) {
		double time;
		while ((time = now()) < due)
			;
		/* Held up for long, it does not catch up: the burst would measure this process, not the receiver. */
		if (time - due > late)
			due = time;
		sent += send_next((uint64_t)time);
	}
	printf("{\"sent\": %llu, \"seconds\": %.6f}\n", (unsigned long long)sent, (now() - begin) / 1e9);
}

static double percentile(size_t count, double share)
{
	return count ? round_trips[(size_t)((count - 1) * share)] / 1e3 : 0;
}

/* Takes what has come back; how many were answers to datagrams of this run. */
static uint64_t take_answers(uint64_t first, uint64_t answered)
{
	static uint8_t buffer[buffer_length];
	uint64_t taken = 0;

	for (ssize_t length; (length = recv(sock, buffer, sizeof buffer, MSG_DONTWAIT)) > 0;) {
		uint64_t time = now(), echoed = get_number(buffer, length), *sent = &sent_at[echoed % places];

		/* Others are duplicates, or so late that their place has been taken. */
		if (echoed < first || echoed >= number || number - echoed > places || !*sent)
			continue;
		round_trips[(answered + taken++) % kept] = time - *sent;
		*sent = 0;
	}
	return taken;
}

static void run_answers(double rate, double seconds)
{
	const double late = 1e6;
	uint64_t count = (uint64_t)(rate * seconds), sent = 0, answered = 0, held = 0, first = number, end;
	double step = 1e9 / rate, due = now();

	memset(sent_at, 0, sizeof sent_at);
	for (uint64_t i = 0; i < count; i++, due += step) {
		double time;
		while ((time = now()) < due)
			answered += take_answers(first, answered);
		if (time - due > late) {
			due = time;
			held++;
		}
		sent += send_next((uint64_t)time);
	}
	for (end = now() + patience; answered < sent && now() < end;)
		answered += take_answers(first, answered);
	size_t timed = answered < kept ? answered : kept;
	qsort(round_trips, timed, sizeof *round_trips, compare);
	printf("{\"sent\": %llu, \"lost\": %llu, \"held\": %llu, \"p50\": %.3f, \"p90\": %.3f, \"p99\": %.3f, "
	       "\"p999\": %.3f}\n", (unsigned long long)sent, (unsigned long long)(sent - answered),
	       (unsigned long long)held, percentile(timed, 0.5), percentile(timed, 0.9), percentile(timed, 0.99),
	       percentile(timed, 0.999));
}

/* Sends to one port from now on; 0 goes to the links. */
static void aim(int port)
{
	static uint8_t buffer[buffer_length];

	target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	target.sin_port = htons(port);
	if (port)
		link_count = 0;
	/* What the last one sent too late is thrown away, now or by its number: a bridge answers from another port. */
	while (recv(sock, buffer, sizeof buffer, MSG_DONTWAIT) >= 0)
		;
}

static void read_links(char *text)
{
	char *rest = text;

	for (link_count = 0; link_count < most_links; link_count++) {
		long port = strtol(text, &rest, 10);
		if (rest == text)
			break;
		links[link_count] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
		links[link_count].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		text = rest;
	}
	printf("{\"links\": %d}\n", link_count);
}

int main(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof address;
	struct timeval timeout = {.tv_usec = 50000};
	int room = 4 << 20;
	char line[8192], path[4096];

	sock = socket(AF_INET, SOCK_DGRAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (sock < 0 || bind(sock, (struct sockaddr *)&address, length) ||
	    getsockname(sock, (struct sockaddr *)&address, &length) ||
	    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout))
		fail("socket");
	setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	printf("ready %d\n", ntohs(address.sin_port));
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		int port, window;
		double rate, seconds;
		unsigned long long count;
		size_t offset;

		if (strncmp(line, "links ", 6) == 0) {
			read_links(line + 6);
		} else if (sscanf(line, "loop %d %d %lf %llu %zu %4095[^\n]", &port, &window, &seconds, &count, &offset, path) == 6) {
			read_payload(path, offset);
			aim(port);
			run_loop(window, seconds, count);
		} else if (sscanf(line, "pace %d %lf %lf %zu %4095[^\n]", &port, &rate, &seconds, &offset, path) == 5) {
			read_payload(path, offset);
			aim(port);
			run_pace(rate, seconds);
		} else if (sscanf(line, "answers %d %lf %lf %zu %4095[^\n]", &port, &rate, &seconds, &offset, path) == 5) {
			read_payload(path, offset);
			aim(port);
			run_answers(rate, seconds);
		} else {
			fprintf(stderr, "load: cannot read the command %s", line);
			return 2;
		}
		fflush(stdout);
	}
	return 0;
}
