package catalog

import (
	"encoding/binary"
	"strings"

	"luminousnix/internal/catalog/listing"
)

// The texts of a document, in the order of its record. A document has those of its
// kind; the last one that isn't empty ends the record.
const (
	textAttribute = iota
	textDescription
	textPosition
	textName        // of packages; the ones below too
	textVersion     //
	textHomepage    //
	textLicense     // shared
	textPlatforms   // shared
	textMainProgram //
	textPrograms    //
	textOutputPath  //
	recordTexts

	textType    = textName        // of options, shared; the ones below too
	textDefault = textVersion     //
	textExample = textHomepage    //
	textPackage = textMainProgram //
)

// A text in a record is a number and, if that is even, half as many bytes. An odd
// number stands for a shared text, whose number is half of it.

// appendRecord appends the record of an entry.
func (b *builder) appendRecord(dst []byte, e *listing.Entry) []byte {
	texts, shared := recordOf(e)
	last := recordTexts - 1
	for last >= 0 && texts[last] == "" {
		last--
	}
	for i, text := range texts[:last+1] {
		if shared&(1<<i) != 0 && text != "" {
			dst = binary.AppendUvarint(dst, uint64(b.share(text))<<1|1)
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(len(text))<<1)
		dst = append(dst, text...)
	}
	return dst
}

// recordOf returns the texts of an entry's record, and a bit for each that others
// are likely to have as well.
func recordOf(e *listing.Entry) (texts [recordTexts]string, shared uint) {
	texts[textAttribute], texts[textDescription], texts[textPosition] = e.Attribute, e.Description, e.Position
	if e.Kind != listing.Package {
		texts[textType], texts[textDefault], texts[textExample] = e.Type, e.Default, e.Example
		texts[textPackage] = e.Related
		return texts, 1<<textType | 1<<textPosition | 1<<textPackage
	}
	texts[textName], texts[textVersion], texts[textHomepage] = e.Name, e.Version, e.Homepage
	texts[textLicense], texts[textPlatforms] = e.License, e.Platforms
	texts[textMainProgram], texts[textPrograms], texts[textOutputPath] = e.MainProgram, e.Programs, e.OutputPath
	return texts, 1<<textLicense | 1<<textPlatforms
}

// share returns the number of a shared text.
func (b *builder) share(text string) int {
	n, ok := b.shared[text]
	if !ok {
		n = len(b.sharedTexts)
		b.shared[text] = n
		b.sharedTexts = append(b.sharedTexts, text)
	}
	return n
}

// recordText returns one text of a document, still in the mapping.
func (m *image) recordText(doc uint32, which int) []byte {
	record := m.between(sectionRecordOffsets, sectionRecords, doc)
	for i := 0; ; i++ {
		n, size := binary.Uvarint(record)
		if size <= 0 {
			return nil
		}
		record = record[size:]
		if n&1 != 0 {
			if i == which {
				return m.between(sectionSharedOffsets, sectionShared, uint32(n>>1))
			}
			continue
		}
		if n>>1 > uint64(len(record)) {
			return nil
		}
		if i == which {
			return record[:n>>1]
		}
		record = record[n>>1:]
	}
}

func (m *image) attribute(doc uint32) string { return string(m.recordText(doc, textAttribute)) }

// entry reads all of a document.
func (m *image) entry(doc uint32) Entry {
	text := func(which int) string { return string(m.recordText(doc, which)) }
	_, _, flags := m.standing(doc)
	e := Entry{Attribute: text(textAttribute), Description: text(textDescription), Position: text(textPosition)}
	if flags&flagOption != 0 {
		e.Kind = Option
		if flags&flagHome != 0 {
			e.Kind = HomeOption
		}
		e.Type, e.Default, e.Example = text(textType), text(textDefault), text(textExample)
		e.Package = text(textPackage)
		e.Available = true
		return e
	}
	e.Name, e.Version, e.Homepage, e.License = text(textName), text(textVersion), text(textHomepage), text(textLicense)
	e.MainProgram, e.OutputPath = text(textMainProgram), text(textOutputPath)
	e.Platforms, e.Programs = list(text(textPlatforms)), list(text(textPrograms))
	e.Broken, e.Unfree, e.Insecure = flags&flagBroken != 0, flags&flagUnfree != 0, flags&flagInsecure != 0
	e.Available = flags&flagUnavailable == 0
	return e
}

// list parts what is separated by spaces.
func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Fields(text)
}
