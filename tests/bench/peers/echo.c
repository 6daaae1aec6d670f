/* The plainest echo there is: says "ready PORT" on stderr, then sends back every datagram to where it came from. */

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void)
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
	for (;;) {
		length = sizeof address;
		ssize_t bytes = recvfrom(sock, buffer, sizeof buffer, 0, (struct sockaddr *)&address, &length);
		if (bytes >= 0)
			sendto(sock, buffer, bytes, 0, (struct sockaddr *)&address, length);
	}
}
