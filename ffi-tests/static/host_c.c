/* A host in C. */
#include "host.h"

int main(void) { return check_libraries() != 0; }
