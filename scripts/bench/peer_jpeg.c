// What a C program reaches with libjpeg-turbo alone, on one thread: random crops of JPEGs, decoded in part, resized to
// 224x224 by four neighbours (no antialiasing), mirrored every other time, normalised to float32 planes. Prints images a
// second as JSON.
//
// cc -O3 -march=native peer_jpeg.c -ljpeg -lm && ./a.out SECONDS FILE...

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <jpeglib.h>

enum { side = 224 };

static unsigned long long state = 88172645463325252ULL;

static double uniform(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (double)(state >> 11) / 9007199254740992.0;
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

struct rect {
  int x, y, width, height;
};

static struct rect random_crop(int width, int height) {
  for (int attempt = 0; attempt < 10; attempt++) {
    double area = width * (double)height * (0.08 + 0.92 * uniform());
    double ratio = exp(log(3.0 / 4) + (log(4.0 / 3) - log(3.0 / 4)) * uniform());
    int w = (int)lround(sqrt(area * ratio)), h = (int)lround(sqrt(area / ratio));
    if (w > 0 && h > 0 && w <= width && h <= height)
      return (struct rect){(int)(uniform() * (width - w + 1)), (int)(uniform() * (height - h + 1)), w, h};
  }
  return (struct rect){0, 0, width, height};
}

// Decodes the rows of a crop and the blocks around its columns; returns where the crop's first column is.
static int decode(const unsigned char *bytes, size_t size, unsigned char **pixels, struct rect *crop, int *stride) {
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes, size);
  jpeg_read_header(&info, TRUE);
  info.out_color_space = JCS_RGB;
  jpeg_start_decompress(&info);
  *crop = random_crop((int)info.output_width, (int)info.output_height);
  JDIMENSION left = (JDIMENSION)crop->x, columns = (JDIMENSION)crop->width;
  jpeg_crop_scanline(&info, &left, &columns);
  jpeg_skip_scanlines(&info, (JDIMENSION)crop->y);
  *stride = (int)columns * 3;
  *pixels = realloc(*pixels, (size_t)*stride * (size_t)crop->height);
  for (int row = 0; row < crop->height;) {
    JSAMPROW target = *pixels + (size_t)row * (size_t)*stride;
    row += (int)jpeg_read_scanlines(&info, &target, 1);
  }
  jpeg_abort_decompress(&info);
  jpeg_destroy_decompress(&info);
  return crop->x - (int)left;
}

static void resize(const unsigned char *pixels, int stride, int first, struct rect crop, int mirrored, float *out) {
  for (int y = 0; y < side; y++) {
    float sy = fmaxf(0, (y + 0.5f) * crop.height / side - 0.5f);
    int y0 = (int)sy, y1 = y0 + 1 < crop.height ? y0 + 1 : y0;
    float fy = sy - y0;
    const unsigned char *a = pixels + (size_t)y0 * stride + first * 3, *b = pixels + (size_t)y1 * stride + first * 3;
    for (int x = 0; x < side; x++) {
      float sx = fmaxf(0, (x + 0.5f) * crop.width / side - 0.5f);
      int x0 = (int)sx, x1 = x0 + 1 < crop.width ? x0 + 1 : x0;
      float fx = sx - x0;
      float *target = out + y * side + (mirrored ? side - 1 - x : x);
      for (int c = 0; c < 3; c++) {
        float top = a[x0 * 3 + c] + (a[x1 * 3 + c] - a[x0 * 3 + c]) * fx;
        float bottom = b[x0 * 3 + c] + (b[x1 * 3 + c] - b[x0 * 3 + c]) * fx;
        target[c * side * side] = (top + (bottom - top) * fy - 127.5f) / 127.5f;
      }
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "usage: %s SECONDS FILE...\n", argv[0]), 2;
  double limit = atof(argv[1]);
  int count = argc - 2;
  unsigned char **files = malloc(sizeof *files * (size_t)count);
  size_t *sizes = malloc(sizeof *sizes * (size_t)count);
  float *out = malloc(sizeof(float) * 32 * 3 * side * side);
  unsigned char *pixels = NULL;
  for (int i = 0; i < count; i++) {
    FILE *file = fopen(argv[i + 2], "rb");
    if (!file) return perror(argv[i + 2]), 1;
    fseek(file, 0, SEEK_END);
    sizes[i] = (size_t)ftell(file);
    rewind(file);
    files[i] = malloc(sizes[i]);
    if (fread(files[i], 1, sizes[i], file) != sizes[i]) return perror(argv[i + 2]), 1;
    fclose(file);
  }
  long done = 0;
  double start = seconds_now(), end = start;
  while (end - start < limit) {
    int i = (int)(uniform() * count), stride;
    struct rect crop;
    int first = decode(files[i], sizes[i], &pixels, &crop, &stride);
    resize(pixels, stride, first, crop, uniform() < 0.5, out + (done % 32) * 3 * side * side);
    done++;
    end = seconds_now();
  }
  printf("{\"images_per_second\": %.2f}\n", done / (end - start));
}
