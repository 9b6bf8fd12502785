/* The least a CGI program can do. */
#include <stdio.h>

int main(void) {
  fputs("Content-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n", stdout);
  return 0;
}
