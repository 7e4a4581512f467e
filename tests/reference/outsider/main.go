// An outsider's verifier: it reads a log's folder with nothing but golang.org/x/mod/sumdb (note and tlog), whose
// authors know nothing of Peelian. Usage: outsider FOLDER VKEY. It prints the signed size when all is in order.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder string

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// Go's own paths begin with the tile height ("tile/8/0/000"); C2SP tlog-tiles leaves that out.
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	top := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	data, err := os.ReadFile(filepath.Join(top, "checkpoint"))
	check(err)
	opened, err := note.Open(data, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		check(fmt.Errorf("the checkpoint is of another log"))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	reader := tlog.TileHashReader(tree, folder(top))

	for start := int64(0); start < size; start += 256 {
		width := min(256, size-start)
		path := strings.Replace(tlog.Tile{H: 8, L: -1, N: start / 256, W: int(width)}.Path(), "tile/8/data", "tile/entries", 1)
		bundle, err := os.ReadFile(filepath.Join(top, path))
		check(err)
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, start+int64(i))
		}
		hashes, err := reader.ReadHashes(indexes)
		check(err)
		for i := range hashes {
			length := binary.BigEndian.Uint16(bundle)
			entry := bundle[2 : 2+int(length)]
			bundle = bundle[2+int(length):]
			hash := tlog.RecordHash(entry)
			if !bytes.Equal(hash[:], hashes[i][:]) {
				check(fmt.Errorf("entry %d is not the one that was signed", start+int64(i)))
			}
		}
		if len(bundle) != 0 {
			check(fmt.Errorf("the bundle from entry %d on has bytes left over", start))
		}
		proof, err := tlog.ProveRecord(size, start, reader)
		check(err)
		check(tlog.CheckRecord(proof, size, tree.Hash, start, hashes[0]))
		old, err := tlog.TreeHash(start+1, reader)
		check(err)
		consistent, err := tlog.ProveTree(size, start+1, reader)
		check(err)
		check(tlog.CheckTree(consistent, size, tree.Hash, start+1, old))
	}
	fmt.Println(size)
}
