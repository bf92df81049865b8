/* The loops, compiled once for each kind of processor under the names that NAME makes. */
#include <string.h>
#include "cpixels.h"

#pragma clang fp contract(off)
/* Vectors are handed over between functions that are all inlined; no calling convention is concerned. */
#pragma clang diagnostic ignored "-Wpsabi"
#define INLINED static inline __attribute__((always_inline))

typedef double four_doubles __attribute__((vector_size(32)));
typedef int32_t four_ints __attribute__((vector_size(16)));
typedef uint8_t four_bytes __attribute__((vector_size(4)));

/* Red, green, blue and whatever; `is_last` where nothing may be read behind the pixel. */
INLINED four_doubles load_pixel(const uint8_t *pixel, int is_last) {
  four_bytes bytes = {0};
  memcpy(&bytes, pixel, is_last ? 3 : 4);
  return __builtin_convertvector(bytes, four_doubles);
}

/* Values from 0 to 255, rounded towards zero. */
INLINED void store_pixel(uint8_t *out, four_doubles value, int is_last) {
  four_bytes bytes = __builtin_convertvector(__builtin_convertvector(value, four_ints), four_bytes);
  memcpy(out, &bytes, is_last ? 3 : 4);
}

INLINED int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }
INLINED int32_t greatest(int32_t a, int32_t b) { return a > b ? a : b; }

INLINED four_doubles bilinear_pixel(
    const cpixels_view *view, int32_t column, int32_t row, double part_x, double part_y, int is_last) {
  size_t stride = (size_t)view->width * 3;
  const uint8_t *above = view->samples + (size_t)greatest(row, 0) * stride;
  const uint8_t *below = view->samples + (size_t)least(row + 1, view->height - 1) * stride;
  size_t left = (size_t)greatest(column, 0) * 3, right = (size_t)least(column + 1, view->width - 1) * 3;
  four_doubles upper = load_pixel(above + left, is_last);
  upper += (load_pixel(above + right, is_last) - upper) * part_x;
  four_doubles lower = load_pixel(below + left, is_last);
  lower += (load_pixel(below + right, is_last) - lower) * part_x;
  return upper + (lower - upper) * part_y;
}

INLINED four_doubles cubic(
    four_doubles v1, four_doubles v2, four_doubles v3, four_doubles v4, double part) {
  four_doubles p2 = v3 - v1;
  four_doubles p3 = 2 * (v1 - v2) + v3 - v4;
  four_doubles p4 = v2 - v1 - v3 + v4;
  return v2 + part * (p2 + part * (p3 + part * p4));
}

INLINED four_doubles bicubic_pixel(
    const cpixels_view *view, int32_t column, int32_t row, double part_x, double part_y, int is_last) {
  size_t stride = (size_t)view->width * 3;
  size_t places[4];
  four_doubles lines[4];
  for (int i = 0; i < 4; i++) places[i] = (size_t)least(greatest(column - 1 + i, 0), view->width - 1) * 3;
  for (int i = 0; i < 4; i++) {
    const uint8_t *line = view->samples + (size_t)least(greatest(row - 1 + i, 0), view->height - 1) * stride;
    lines[i] = cubic(
        load_pixel(line + places[0], is_last), load_pixel(line + places[1], is_last),
        load_pixel(line + places[2], is_last), load_pixel(line + places[3], is_last), part_x);
  }
  four_doubles value = cubic(lines[0], lines[1], lines[2], lines[3], part_y);
  four_doubles zero = {0, 0, 0, 0}, limit = {255, 255, 255, 255};
  return __builtin_elementwise_min(__builtin_elementwise_max(value, zero), limit);
}

/* Calls `pixel` for each point inside, and fills the rest. `reach` is how many rows below its own a pixel reads. What
 * `is_flat` is known of at compile time is spared the division. */
INLINED void each_pixel(
    const cpixels_view *view, int32_t width, int32_t height, uint8_t *out, int32_t reach, int is_flat,
    four_doubles (*pixel)(const cpixels_view *, int32_t, int32_t, double, double, int)) {
  for (int32_t y = 0; y < height; y++) {
    double out_y = y + 0.5;
    double part_b = view->b * out_y, part_e = view->e * out_y;
    for (int32_t x = 0; x < width; x++, out += 3) {
      double out_x = x + 0.5;
      double point_x = view->a * out_x + part_b + view->c;
      double point_y = view->d * out_x + part_e + view->f;
      if (!is_flat) {
        double divisor = view->g * out_x + view->h * out_y + 1;
        point_x /= divisor;
        point_y /= divisor;
      }
      if (!(point_x >= 0 && point_x < view->width && point_y >= 0 && point_y < view->height)) {
        memcpy(out, view->fill, 3);
        continue;
      }
      point_x -= 0.5;
      point_y -= 0.5;
      int32_t column = (int32_t)point_x - (point_x < 0), row = (int32_t)point_y - (point_y < 0);
      double part_x = point_x - column, part_y = point_y - row;
      if (row + reach < view->height - 1 && y < height - 1) {
        store_pixel(out, pixel(view, column, row, part_x, part_y, 0), 0);
      } else {
        store_pixel(out, pixel(view, column, row, part_x, part_y, 1), 1);
      }
    }
  }
}

void NAME(bilinear)(const cpixels_view *view, int32_t width, int32_t height, uint8_t *out) {
  if (view->g == 0 && view->h == 0) {
    each_pixel(view, width, height, out, 1, 1, bilinear_pixel);
  } else {
    each_pixel(view, width, height, out, 1, 0, bilinear_pixel);
  }
}

void NAME(bicubic)(const cpixels_view *view, int32_t width, int32_t height, uint8_t *out) {
  if (view->g == 0 && view->h == 0) {
    each_pixel(view, width, height, out, 2, 1, bicubic_pixel);
  } else {
    each_pixel(view, width, height, out, 2, 0, bicubic_pixel);
  }
}

void NAME(blend)(const uint8_t *a, const uint8_t *b, float factor, size_t count, uint8_t *out) {
  for (size_t i = 0; i < count; i++) {
    float start = a[i];
    float value = start + factor * ((float)b[i] - start);
    value = value > 0 ? value : 0;
    out[i] = (uint8_t)(int32_t)(value < 255 ? value : 255);
  }
}

/* One pixel through 8-bit hue, saturation and value and back, without a branch that its colours decide. */
INLINED void turn_hue(const uint8_t *pixel, uint8_t shift, uint8_t *out) {
  int red = pixel[0], green = pixel[1], blue = pixel[2];
  int largest = greatest(red, greatest(green, blue)), range = largest - least(red, least(green, blue));
  float divisor = (float)(range ? range : 1);
  float red_part = (float)(largest - red) / divisor;
  float green_part = (float)(largest - green) / divisor;
  float blue_part = (float)(largest - blue) / divisor;
  float from_red = blue_part - green_part;
  float from_green = (float)(2.0 + red_part - blue_part);
  float from_blue = (float)(4.0 + green_part - red_part);
  float sixths = red == largest ? from_red : green == largest ? from_green : from_blue;
  double turns = sixths / 6.0 + 1.0;
  float turn = (float)(turns >= 1 ? turns - 1 : turns);
  uint8_t hue = (uint8_t)((range ? (int)(turn * 255.0) : 0) + shift);
  int saturation = (int)((float)range / (float)(largest ? largest : 1) * 255.0);

  double place = (float)hue * 6.0 / 255.0;
  int sector = (int)place;
  float fraction = (float)(place - (float)sector);
  float strength = (float)(saturation / 255.0);
  /* Adding a half and dropping the fraction rounds, as the numbers are not negative. */
  uint8_t low = (uint8_t)(int)(largest * (1.0 - strength) + 0.5);
  uint8_t falling = (uint8_t)(int)(largest * (1.0 - strength * fraction) + 0.5);
  uint8_t rising = (uint8_t)(int)(largest * (1.0 - strength * (1.0 - fraction)) + 0.5);
  /* Which of the four each channel takes, sector by sector. */
  static const uint8_t choices[7][3] = {{0, 3, 1}, {2, 0, 1}, {1, 0, 3}, {1, 2, 0}, {3, 1, 0}, {0, 1, 2}, {0, 3, 1}};
  const uint8_t values[4] = {(uint8_t)largest, low, falling, rising};
  for (int channel = 0; channel < 3; channel++) out[channel] = values[choices[sector][channel]];
}

void NAME(turn_hues)(const uint8_t *samples, uint8_t shift, size_t num_pixels, uint8_t *out) {
  for (size_t i = 0; i < num_pixels; i++) turn_hue(samples + 3 * i, shift, out + 3 * i);
}
