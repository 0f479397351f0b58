// Three pictures of a building site, drawn here so that nobody needs a photo at hand to send an album.

const WIDTH = 640;
const HEIGHT = 480;

/** Return three JPEG files. */
export function album() {
  return Promise.all([drawn("wall", wall), drawn("scaffold", scaffold), drawn("leak", leak)]);
}

async function drawn(name, paint) {
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  const brush = canvas.getContext("2d");
  paint(brush);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
  return new File([blob], `${name}.jpg`, { type: "image/jpeg" });
}

function fill(brush, colour, x, y, width, height) {
  brush.fillStyle = colour;
  brush.fillRect(x, y, width, height);
}

function stroke(brush, colour, width, points) {
  brush.strokeStyle = colour;
  brush.lineWidth = width;
  brush.beginPath();
  for (const [x, y] of points) brush.lineTo(x, y);
  brush.stroke();
}

/** A brick wall with a crack. */
function wall(brush) {
  fill(brush, "#c9bfb2", 0, 0, WIDTH, HEIGHT);
  const reds = ["#a9543b", "#b5614a", "#9c4a35"];
  for (let row = 0; row < 12; row += 1) {
    for (let column = -1; column < 9; column += 1) {
      fill(brush, reds[(row * 5 + column * 7 + 7) % 3], column * 80 + (row % 2) * 40, row * 40, 76, 36);
    }
  }
  stroke(brush, "#2b211d", 6, [[300, 0], [322, 70], [290, 150], [338, 230], [310, 320], [352, 400], [330, HEIGHT]]);
}

/** A scaffold under the sky. */
function scaffold(brush) {
  const sky = brush.createLinearGradient(0, 0, 0, HEIGHT);
  sky.addColorStop(0, "#7db4e6");
  sky.addColorStop(1, "#dcebf7");
  fill(brush, sky, 0, 0, WIDTH, HEIGHT);
  fill(brush, "#d8d2c8", 120, 90, 400, 350);
  for (let floor = 0; floor < 3; floor += 1) {
    for (let window = 0; window < 3; window += 1) fill(brush, "#5f7486", 165 + window * 125, 120 + floor * 105, 60, 65);
    fill(brush, "#8a6a3d", 80, 200 + floor * 105, 480, 10);
  }
  for (let pole = 0; pole < 5; pole += 1) fill(brush, "#6e757b", 90 + pole * 114, 60, 7, 390);
  stroke(brush, "#6e757b", 4, [[93, 440], [207, 310], [321, 440], [435, 310], [549, 440]]);
  fill(brush, "#a58b62", 0, 440, WIDTH, 40);
}

/** A pipe that drips into a puddle. */
function leak(brush) {
  fill(brush, "#b9bcb6", 0, 0, WIDTH, HEIGHT);
  fill(brush, "#8f938c", 0, 380, WIDTH, 100);
  fill(brush, "#5d6b73", 0, 110, WIDTH, 46);
  fill(brush, "#7d8c95", 0, 118, WIDTH, 10);
  fill(brush, "#46525a", 290, 100, 60, 66);
  brush.fillStyle = "#4f9bd1";
  for (const [x, y] of [[318, 190], [322, 240], [316, 300], [320, 350]]) {
    brush.beginPath();
    brush.ellipse(x, y, 6, 11, 0, 0, 2 * Math.PI);
    brush.fill();
  }
  brush.beginPath();
  brush.ellipse(320, 415, 170, 26, 0, 0, 2 * Math.PI);
  brush.fill();
}
