#include "cspng.h"
