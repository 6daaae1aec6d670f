/*
 * The plainest echo there is: says "ready PORT" on stderr, then sends back every datagram to where it came from. With an
 * argument, it asks for the next one again and again instead of waiting, until none has come for a while: nothing answers
 * sooner on a machine.
 */

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

/* How long it asks without an answer, in seconds, and how often between two looks at the clock. */
static const double patience = 0.1;
static const unsigned polls = 256;

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **arguments)
{
	static char buffer[65536];
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof address;
	int sock = socket(AF_INET, SOCK_DGRAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (sock < 0 || bind(sock, (struct sockaddr *)&address, length) ||
	    getsockname(sock, (struct sockaddr *)&address, &length)) {
		perror("socket");
		return 1;
	}
	fprintf(stderr, "ready %d\n", ntohs(address.sin_port));
	int flags = 0;
	double last = 0;
	for (unsigned poll = 1;; poll++) {
		length = sizeof address;
		ssize_t bytes = recvfrom(sock, buffer, sizeof buffer, flags, (struct sockaddr *)&address, &length);
		if (bytes >= 0)
			sendto(sock, buffer, bytes, 0, (struct sockaddr *)&address, length);
		if (count < 2 || (bytes < 0 && poll % polls != 0))
			continue;
		double time = now();
		if (bytes >= 0)
			last = time;
		flags = time - last < patience ? MSG_DONTWAIT : 0;
	}
}
