/* One multicast packet to many sockets: a GFP_ATOMIC allocation for each: burst [SOCKETS [PACKETS]]
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long sockets = argc > 1 ? strtol(argv[1], NULL, 10) : 4000;
	long packets = argc > 2 ? strtol(argv[2], NULL, 10) : 100;
	struct rlimit many = {1 << 20, 1 << 20};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(4711)};
	struct ip_mreq group = {.imr_multiaddr.s_addr = inet_addr("239.1.2.3"),
				.imr_interface.s_addr = htonl(INADDR_LOOPBACK)};
	struct in_addr lo = {.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1, room = 1 << 24, fd;
	static char data[64];

	setrlimit(RLIMIT_NOFILE, &many);
	to.sin_addr = group.imr_multiaddr;
	for (long i = 0; i < sockets; i++) {
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
		if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) ||
		    (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)) && i == 0)) {
			perror("burst: receiver");
			return 1;
		}
	}
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof(lo));
	if (argc > 3) { /* let somebody else take the memory in between */
		fflush(stdout);
		system(argv[3]);
	}
	for (long i = 0; i < packets; i++)
		if (sendto(fd, data, sizeof(data), 0, (struct sockaddr *)&to, sizeof(to)) < 0) {
			perror("burst: send");
			return 1;
		}
	printf("burst: %ld packets to %ld sockets\n", packets, sockets);
	return 0;
}
