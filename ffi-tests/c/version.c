/* The version that the library reports is the one that its header states. */
#include <anser.h>
#include <stdio.h>
#include <string.h>

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

int main(void) {
  const char *expected = TEXT(ANSER_VERSION_MAJOR) "." TEXT(ANSER_VERSION_MINOR) "." TEXT(ANSER_VERSION_PATCH);
  if (anser_version_number() != ANSER_VERSION_NUMBER) {
    fprintf(stderr, "number %u, header %u\n", (unsigned)anser_version_number(), (unsigned)ANSER_VERSION_NUMBER);
    return 1;
  }
  if (strcmp(anser_version_string(), expected) != 0) {
    fprintf(stderr, "string %s, header %s\n", anser_version_string(), expected);
    return 1;
  }
  return 0;
}
